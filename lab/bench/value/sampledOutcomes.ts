import { rankFrequent } from '../../../sidecar/reasoning/selection/bestOfMajority.ts';
import { consensusReason } from '../../../sidecar/reasoning/selection/consensus.ts';
import { majorityVote } from '../../../sidecar/reasoning/selection/majorityVote.ts';
import { ruleSelector } from '../../../sidecar/reasoning/selection/ruleSelector.ts';
import {
  type Ballot,
  type Selection,
  type Vote,
  votesOf,
} from '../../../sidecar/reasoning/selection/selector.ts';
import { weightedVote } from '../../../sidecar/reasoning/selection/weightedVote.ts';
import { traceStatistics } from '../../../sidecar/numeric/traceStatistics.ts';
import { allocate, type AllocationRules, valueWeight } from '../../../sidecar/reasoning/value/allocation.ts';
import { endedBy, type ReplayedQuestion } from '../../calibrate/valueHead/valueReplay.ts';

/** What a way to sample and choose would have given on a question. */
interface SampledOutcome {
  readonly isRight: boolean;
  /** Generated tokens of the candidates that it would have sampled. */
  readonly tokens: number;
}

export type SampledWay = (question: ReplayedQuestion) => SampledOutcome;

/** Chooses among candidates as a selector of the product does. */
type Choice = (ballots: readonly Ballot[]) => Selection | null;

const valueOf = ({ value }: Vote): number => value ?? 0;

const byValues =
  ({ kappa }: AllocationRules): Choice =>
  (ballots) =>
    weightedVote(votesOf(ballots), (vote) => valueWeight(valueOf(vote), kappa));

/** Ways to choose among all candidates of a question. Pure, like all here. */
export function waysToChoose(rules: AllocationRules): Readonly<Record<string, SampledWay>> {
  const of =
    (choice: Choice): SampledWay =>
    (all) =>
      outcomeOf(all, choice);
  return {
    majority: of(majorityVote.decide),
    valueWeighted: of(byValues(rules)),
    bestByValue: of((ballots) => rankFrequent(ballots, valueOf)),
    'any right (no way can do better)': (all) => ({
      isRight: all.some(({ answer, isCorrect }) => answer !== null && isCorrect),
      tokens: tokensOf(all),
    }),
  };
}

/** Ways to sample one candidate after another until something says that it is enough. */
export function waysToStop(
  rules: AllocationRules,
  mostCandidates: number,
): Readonly<Record<string, SampledWay>> {
  const selector = ruleSelector(majorityVote);
  const until =
    (choice: Choice, isEnough: Parameters<typeof endedBy>[1]): SampledWay =>
    (all) =>
      outcomeOf(endedBy(all, isEnough), choice);
  const fixedCounts = [1, 2, 4].filter((count) => count < mostCandidates);
  return {
    ...Object.fromEntries(
      fixedCounts.map((count): [string, SampledWay] => [
        `${count} of them`,
        until(majorityVote.decide, (ended) => ended.length >= count),
      ]),
    ),
    'until two agree': until(majorityVote.decide, hasTwoAlike),
    'consensus=likely, one after another': until(majorityVote.decide, (ended, undecided) => {
      const consensus = { undecided, consensus: 'likely' } as const;
      return consensusReason(selector, ballotsOf(ended), consensus) !== null;
    }),
    'settled or hopeless by value': until(
      byValues(rules),
      (ended, undecided) => allocate(ended, undecided, rules).type !== 'again',
    ),
  };
}

function outcomeOf(ended: ReplayedQuestion, choice: Choice): SampledOutcome {
  const selection = choice(ballotsOf(ended));
  const isRight = selection !== null && ended[selection.candidateId]?.isCorrect === true;
  return { isRight, tokens: tokensOf(ended) };
}

function hasTwoAlike(ended: ReplayedQuestion): boolean {
  const answers = ended.flatMap(({ answer }) => (answer === null ? [] : [answer]));
  return new Set(answers).size < answers.length;
}

function tokensOf(candidates: ReplayedQuestion): number {
  return candidates.reduce((sum, { tokens }) => sum + tokens, 0);
}

/** With nothing of what a value set does not keep: entropies and confidences of single tokens. */
function ballotsOf(candidates: ReplayedQuestion): readonly Ballot[] {
  const statistics = traceStatistics([], []);
  return candidates.map(({ answer, value, tokens }, candidateId) => {
    return { candidateId, answer, text: '', length: tokens, statistics, value };
  });
}
