/** Weight of each older observation against the next one: about the last fifty count. */
const decay = 0.98;
/** Observations that the parent's rate counts as while a record has few of its own. */
const parentWeight = 4;

interface Tally {
  readonly tried: number;
  readonly accepted: number;
}

/**
 * How often drafted tokens were right, by what they rested on, given that all before them in their draft were. Rates
 * decay, so a drafter that begins to fail is dropped within some tokens. A record with a parent starts from the parent's
 * rates and feeds it: one record per sequence, over one per request class, over one per model.
 */
export class AcceptanceRecord {
  readonly #parent: AcceptanceRecord | null;
  readonly #tallies = new Map<string, Tally>();

  constructor(parent: AcceptanceRecord | null) {
    this.#parent = parent;
  }

  /** One drafted token whose predecessors in the draft were all right. */
  record(lane: string, isAccepted: boolean): void {
    this.#parent?.record(lane, isAccepted);
    const { tried, accepted } = this.#tallies.get(lane) ?? { tried: 0, accepted: 0 };
    this.#tallies.set(lane, {
      tried: tried * decay + 1,
      accepted: accepted * decay + (isAccepted ? 1 : 0),
    });
  }

  /** Chance in 0…1 that such a token is right given its predecessors; `unseen` for a lane never seen. */
  rate(lane: string, unseen: number): number {
    const prior = this.#parent?.rate(lane, unseen) ?? unseen;
    const tally = this.#tallies.get(lane);
    if (tally === undefined) return prior;
    return (tally.accepted + parentWeight * prior) / (tally.tried + parentWeight);
  }
}
