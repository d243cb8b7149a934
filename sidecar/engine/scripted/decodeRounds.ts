interface Waiting {
  readonly sequence: number;
  readonly proceed: () => void;
}

/**
 * Advances all sequences that generate together, one token each a round, as one batch of a real engine does. A round
 * starts once everything else that could run has run, so who does what when depends on the script alone.
 */
export class DecodeRounds {
  readonly #onRound: () => void;
  #waiting: Waiting[] = [];

  constructor(onRound: () => void) {
    this.#onRound = onRound;
  }

  /** Resolves when the sequence may take its next token. */
  join(sequence: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.length === 0) {
        setImmediate(() => {
          this.#run();
        });
      }
      this.#waiting.push({ sequence, proceed: resolve });
    });
  }

  #run(): void {
    const round = this.#waiting.sort((a, b) => a.sequence - b.sequence);
    this.#waiting = [];
    this.#onRound();
    for (const { proceed } of round) proceed();
  }
}
