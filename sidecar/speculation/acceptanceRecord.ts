/** Weight of each older observation against the next one: about the last twenty count. */
const decay = 0.95;
/** Observations that the parent's rate stands for while a record has few of its own. */
const parentWeight = 3;

interface Tally {
  readonly tried: number;
  readonly accepted: number;
}

/**
 * How often the token at each draft position was right, given that all before it were. Rates decay, so a drafter
 * that begins to fail is dropped within some twenty tokens. A record with a parent starts from the parent's rates
 * and feeds it: one record per sequence, over one per model.
 */
export class AcceptanceRecord {
  readonly #parent: AcceptanceRecord | null;
  readonly #tallies = new Map<string, Tally[]>();

  constructor(parent: AcceptanceRecord | null) {
    this.#parent = parent;
  }

  /** One drafted token at `position`, 0-based, whose predecessors in the draft were all right. */
  record(lane: string, position: number, isAccepted: boolean): void {
    this.#parent?.record(lane, position, isAccepted);
    const tallies = this.#tallies.get(lane) ?? [];
    const before = tallies[position] ?? { tried: 0, accepted: 0 };
    tallies[position] = {
      tried: before.tried * decay + 1,
      accepted: before.accepted * decay + (isAccepted ? 1 : 0),
    };
    this.#tallies.set(lane, tallies);
  }

  /**
   * Chance in 0…1 that the token at `position` is right given its predecessors; `unseen` for the first token of a lane
   * never seen.
   */
  rate(lane: string, position: number, unseen: number): number {
    const tally = this.#tallies.get(lane)?.[position] ?? { tried: 0, accepted: 0 };
    const prior = this.#parent?.rate(lane, position, unseen) ?? this.#rootPrior(lane, position, unseen);
    return (tally.accepted + parentWeight * prior) / (tally.tried + parentWeight);
  }

  /** Without a parent a later position starts at what the one before it reached. */
  #rootPrior(lane: string, position: number, unseen: number): number {
    return position === 0 ? unseen : this.rate(lane, position - 1, unseen);
  }
}
