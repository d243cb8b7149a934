import type { CandidateId, SearchEvent } from '../../../protocol/traceEvent.ts';
import { earlierAnswers, valueFeatures } from './valueFeatures.ts';
import type { ValueHead, ValueInput } from './valueHead.ts';

/** A last-layer state of a candidate, and what it had written by then. */
export interface ValueReading {
  /** `end`: where one generation ended; the last of them is the answer's. */
  readonly place: 'lineEnd' | 'end';
  /** Tokens of the candidate up to there, cues left out. */
  readonly generatedTokens: number;
  /** Characters of its text up to there. A line end before the first belongs to the prompt. */
  readonly characters: number;
  /** Entropies of those tokens, added up. */
  readonly entropyNats: number;
  readonly state: Float32Array;
}

/** End of a candidate, as far as values depend on it. */
export interface ValuedEnd {
  /** The answer that it votes for; null for none. */
  readonly answer: string | null;
}

interface Waiting {
  readonly input: ValueInput;
  readonly take: (value: number | null) => void;
}

interface LineEnd {
  readonly atToken: number;
  readonly value: Promise<number | null>;
  /** Undefined until it is read. */
  known?: number | null;
}

type ValuesRead = Extract<SearchEvent, { readonly type: 'value/read' }>;

/**
 * Reads how likely the candidates of one request are right, while they are written. States that come together are read in one run of
 * the head. Nothing waits for a run but a candidate's own end, after its last token. A head that fails gives no values, and
 * the request goes on. The head is the caller's.
 */
export class ValueReader {
  readonly #head: ValueHead;
  /** Answers of the candidates that have ended, in that order. */
  readonly #ended: (string | null)[] = [];
  readonly #lineEnds = new Map<CandidateId, LineEnd[]>();
  readonly #lastEnds = new Map<CandidateId, ValueReading>();
  #waiting: Waiting[] = [];
  #isRunning = false;

  constructor(head: ValueHead) {
    this.#head = head;
  }

  /** Takes a state as it was read; its value is ready by the candidate's end. */
  read(candidateId: CandidateId, reading: ValueReading): void {
    if (reading.place === 'end') {
      this.#lastEnds.set(candidateId, reading);
      return;
    }
    if (reading.characters === 0 || !this.#head.places.includes('lineEnd')) return;
    const votes = earlierAnswers(this.#ended, null);
    const { generatedTokens, state } = reading;
    const features = valueFeatures({ ...reading, place: 'lineEnd' }, votes);
    const lineEnds = this.#lineEnds.get(candidateId) ?? [];
    this.#lineEnds.set(candidateId, lineEnds);
    const lineEnd: LineEnd = {
      atToken: generatedTokens,
      value: this.#valueOf({ place: 'lineEnd', state, features }),
    };
    lineEnds.push(lineEnd);
    void lineEnd.value.then((value) => {
      lineEnd.known = value;
    });
  }

  /** The values of line ends that are there by now and were not taken before, as an event; null where there are none. */
  takeKnown(candidateId: CandidateId): ValuesRead | null {
    const lines = this.#lineEnds.get(candidateId) ?? [];
    const unknown = lines.findIndex(({ known }) => known === undefined);
    const taken = lines.splice(0, unknown === -1 ? lines.length : unknown);
    return valuesRead(
      candidateId,
      taken.map(({ atToken, known = null }) => ({ atToken, value: known })),
      null,
    );
  }

  /**
   * The values of a candidate that has ended, less those taken before, as an event; null where there are none. From here on its
   * answer counts for those after it.
   */
  async finish(candidateId: CandidateId, { answer }: ValuedEnd): Promise<ValuesRead | null> {
    const votes = earlierAnswers(this.#ended, answer);
    this.#ended.push(answer);
    const last = this.#lastEnds.get(candidateId);
    const lines = this.#lineEnds.get(candidateId) ?? [];
    this.#lastEnds.delete(candidateId);
    this.#lineEnds.delete(candidateId);
    const atAnswer =
      answer === null || last === undefined || !this.#head.places.includes('answer')
        ? null
        : this.#valueOf({
            place: 'answer',
            state: last.state,
            features: valueFeatures({ ...last, place: 'answer' }, votes),
          });
    const read = await Promise.all(
      lines.map(async ({ atToken, value }) => ({ atToken, value: await value })),
    );
    return valuesRead(candidateId, read, await atAnswer);
  }

  #valueOf(input: ValueInput): Promise<number | null> {
    return new Promise((take) => {
      this.#waiting.push({ input, take });
      // What else comes in this turn of the loop goes with it.
      if (!this.#isRunning) void this.#run();
    });
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    this.#isRunning = true;
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      let values: readonly number[] = [];
      try {
        values = await this.#head.values(batch.map(({ input }) => input));
      } catch {
        // Without values the request is what it is without a head.
      }
      for (const [index, { take }] of batch.entries()) take(values[index] ?? null);
    }
    this.#isRunning = false;
  }
}

/** Null where nothing was read. */
function valuesRead(
  candidateId: CandidateId,
  lineEnds: readonly { readonly atToken: number; readonly value: number | null }[],
  answer: number | null,
): ValuesRead | null {
  const read = lineEnds.flatMap(({ atToken, value }) => (value === null ? [] : [{ atToken, value }]));
  if (read.length === 0 && answer === null) return null;
  return {
    type: 'value/read',
    candidateId,
    lineEnds: {
      atTokens: read.map(({ atToken }) => atToken),
      values: read.map(({ value }) => rounded(value)),
    },
    answer: answer === null ? null : rounded(answer),
  };
}

/** To four decimals, as the log has it. */
function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
