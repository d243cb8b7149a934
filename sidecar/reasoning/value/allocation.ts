/** A candidate that has ended, as the allocation sees it. */
export interface ValuedCandidate {
  /** Canonical, or null when none could be parsed. */
  readonly answer: string | null;
  /** P(right) at its answer, in 0…1; 0 where there is no answer. */
  readonly value: number;
  /** Generated. */
  readonly tokens: number;
}

/** When sampling ends; fitted to a value set for one head. */
export interface AllocationThresholds {
  /** P(the leading answer is right) from which it is taken, in 0…1; above 1 never. */
  readonly settledAt: number;
  /** Right answers that a thousand further tokens are expected to bring, below which more are not worth them. At least 0. */
  readonly hopelessBelow: number;
}

export interface AllocationRules extends AllocationThresholds {
  /** κ of the vote: see `valueWeight`. */
  readonly kappa: number;
}

export interface Lead {
  readonly answer: string;
  /** P(it is right), in 0…1. */
  readonly probability: number;
}

export type Allocation =
  | { readonly type: 'settled'; readonly lead: Lead }
  | {
      readonly type: 'hopeless';
      readonly lead: Lead | null;
      /** P(the lead is wrong and the rest would bring a right answer), in 0…1. */
      readonly chance: number;
    }
  | { readonly type: 'again' };

/** What a vote of value `v` in 0…1 counts: exp(κ·v). With κ = 0 all count alike. */
export function valueWeight(value: number, kappa: number): number {
  return Math.exp(kappa * value);
}

/**
 * The answer whose votes weigh most, the earliest of equals, and P(it is right) = 1 − Π(1 − v) over its candidates. Null without
 * an answer. Pure.
 */
export function valueLead(ended: readonly ValuedCandidate[], kappa: number): Lead | null {
  const groups = new Map<string, { weight: number; doubt: number }>();
  for (const { answer, value } of ended) {
    if (answer === null) continue;
    const group = groups.get(answer) ?? { weight: 0, doubt: 1 };
    groups.set(answer, {
      weight: group.weight + valueWeight(value, kappa),
      doubt: group.doubt * (1 - value),
    });
  }
  const all = [...groups];
  const [first, ...others] = all;
  if (first === undefined) return null;
  const [answer, { doubt }] = others.reduce(
    (best, one) => (one[1].weight > best[1].weight ? one : best),
    first,
  );
  return { answer, probability: 1 - doubt };
}

/**
 * What to do once some candidates have ended and `remaining` more may follow: take the leading answer, give up, or sample another
 * (after arXiv 2410.04707, which spends samples where a right answer is most likely to come of them). It is hopeless where
 * (1 − P(lead right)) · P(any of the rest is right), a thousand tokens, is below the threshold; a further candidate is taken to be
 * as likely right and as long as those that ended are on average. Pure.
 */
export function allocate(
  ended: readonly ValuedCandidate[],
  remaining: number,
  { kappa, settledAt, hopelessBelow }: AllocationRules,
): Allocation {
  if (ended.length === 0 || remaining <= 0) return { type: 'again' };
  const lead = valueLead(ended, kappa);
  if (lead !== null && lead.probability >= settledAt) return { type: 'settled', lead };
  const tokens = ended.reduce((sum, one) => sum + one.tokens, 0) / ended.length;
  const mean = ended.reduce((sum, { value }) => sum + value, 0) / ended.length;
  const chance = (1 - (lead?.probability ?? 0)) * (1 - (1 - mean) ** remaining);
  const gainPerThousandTokens = (1000 * chance) / (remaining * Math.max(1, tokens));
  return gainPerThousandTokens < hopelessBelow ? { type: 'hopeless', lead, chance } : { type: 'again' };
}
