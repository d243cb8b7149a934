/** Weight of each older guess against the next one: about the last fifty count. */
const decay = 0.98;
/** Guesses that the first belief counts as. */
const beliefWeight = 8;

/**
 * How far the chances of picked guesses can be believed: the share of what they promised that came true. Who picks the
 * best of many noisy estimates picks those that are too high, so drafts that look just worthwhile are not; each chance
 * is multiplied by this before it is weighed again.
 */
export class DraftTrust {
  #expected: number;
  #cameTrue: number;

  /** `belief`: the trust, in 0…1, before anything was seen. */
  constructor(belief: number) {
    this.#expected = beliefWeight;
    this.#cameTrue = beliefWeight * belief;
  }

  /** A guess that looked worthwhile at this chance in 0…1, all before it in its draft being right, was judged. */
  record(chance: number, isRight: boolean): void {
    this.#expected = this.#expected * decay + chance;
    this.#cameTrue = this.#cameTrue * decay + (isRight ? 1 : 0);
  }

  /** In 0…1: guesses that do better than they promised do not raise the promise. */
  factor(): number {
    return Math.min(1, this.#cameTrue / this.#expected);
  }
}
