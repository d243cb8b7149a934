import {
  allocate,
  type AllocationRules,
  valueLead,
  type ValuedCandidate,
  valueWeight,
} from '../../../sidecar/reasoning/value/allocation.ts';
import { logLossNats } from '../valueSet/questionFolds.ts';

/** Candidates of one question in the order in which they are sampled, each with its value and its label. */
export type ReplayedQuestion = readonly (ValuedCandidate & { readonly isCorrect: boolean })[];

export interface ReplayResult {
  /** Share of questions whose answer is right. */
  readonly accuracy: number;
  /** Generated a question. */
  readonly meanTokens: number;
  readonly meanCandidates: number;
}

/** What the stop rule was fitted to, and its results on the same questions, which are not a figure for new ones. */
export interface FittedRules {
  readonly rules: AllocationRules;
  /** All candidates, each a vote of one. */
  readonly fullVote: ReplayResult;
  /** All candidates, votes weighed by value. */
  readonly weightedVote: ReplayResult;
  readonly allocated: ReplayResult;
}

/**
 * The candidates that are sampled, one after another, until `isEnough` says so of those that ended and of how many more there could
 * be. Pure.
 */
export function endedBy(
  candidates: ReplayedQuestion,
  isEnough: (ended: ReplayedQuestion, undecided: number) => boolean,
): ReplayedQuestion {
  let count = 1;
  while (count < candidates.length && !isEnough(candidates.slice(0, count), candidates.length - count))
    count += 1;
  return candidates.slice(0, count);
}

/** Samples one after another until the rules say to stop, and takes the leading answer. Pure. */
export function replay(questions: readonly ReplayedQuestion[], rules: AllocationRules): ReplayResult {
  let [right, tokens, taken] = [0, 0, 0];
  for (const candidates of questions) {
    const ended = endedBy(candidates, (some, undecided) => allocate(some, undecided, rules).type !== 'again');
    const lead = valueLead(ended, rules.kappa);
    if (lead !== null && ended.some(({ answer, isCorrect }) => isCorrect && answer === lead.answer))
      right += 1;
    tokens += ended.reduce((sum, one) => sum + one.tokens, 0);
    taken += ended.length;
  }
  const total = Math.max(1, questions.length);
  return { accuracy: right / total, meanTokens: tokens / total, meanCandidates: taken / total };
}

const kappas: readonly number[] = [0, 0.5, 1, 2, 3, 4, 6, 8];
const settledChoices: readonly number[] = [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 2];
const hopelessChoices: readonly number[] = [0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8];
/** Rules that never stop before the last candidate. */
const never = { settledAt: 2, hopelessBelow: 0 } as const;

/**
 * Rules for a head from questions whose values it gave without having seen them. κ gives the right answers' share of all weight
 * the least log-loss: that is smoother than the accuracy of a vote. Of thresholds, those with fewest tokens at no less than the
 * accuracy of the full vote; those that never stop where none is as good. Pure.
 */
export function fitRules(questions: readonly ReplayedQuestion[]): FittedRules {
  const kappa = best(kappas, (one) => -shareLoss(questions, one));
  const fullVote = replay(questions, { ...never, kappa: 0 });
  const all = settledChoices.flatMap((settledAt) =>
    hopelessChoices.map((hopelessBelow): AllocationRules => ({ kappa, settledAt, hopelessBelow })),
  );
  const tried = all.map((rules) => ({ rules, allocated: replay(questions, rules) }));
  const asGood = tried.filter(({ allocated }) => allocated.accuracy >= fullVote.accuracy);
  const weightedVote = replay(questions, { ...never, kappa });
  const chosen = best(
    [...asGood, { rules: { kappa, ...never }, allocated: weightedVote }],
    ({ allocated }) => -allocated.meanTokens,
  );
  return { ...chosen, fullVote, weightedVote };
}

/** Mean log-loss of the weight that right answers have among all; of questions that have a right and a wrong one. */
function shareLoss(questions: readonly ReplayedQuestion[], kappa: number): number {
  return questions.reduce((sum, candidates) => {
    const votes = candidates.filter(({ answer }) => answer !== null);
    const isMixed = votes.some(({ isCorrect }) => isCorrect) && votes.some(({ isCorrect }) => !isCorrect);
    if (!isMixed) return sum;
    let [right, all] = [0, 0];
    for (const { value, isCorrect } of votes) {
      const weight = valueWeight(value, kappa);
      all += weight;
      if (isCorrect) right += weight;
    }
    return sum + logLossNats(right / all, true);
  }, 0);
}

/** The item of the highest score, the first of equals. */
function best<T>(items: readonly T[], scoreOf: (item: T) => number): T {
  const [first, ...others] = items;
  if (first === undefined) throw new RangeError('There is nothing to choose from.');
  let leader: T = first;
  let leadingScore = scoreOf(first);
  for (const one of others) {
    const score = scoreOf(one);
    if (score <= leadingScore) continue;
    leader = one;
    leadingScore = score;
  }
  return leader;
}
