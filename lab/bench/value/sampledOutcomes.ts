import { consensusReason } from '../../../sidecar/reasoning/selection/consensus.ts';
import { rankFrequent } from '../../../sidecar/reasoning/selection/bestOfMajority.ts';
import { majorityVote } from '../../../sidecar/reasoning/selection/majorityVote.ts';
import { ruleSelector } from '../../../sidecar/reasoning/selection/ruleSelector.ts';
import type { Ballot } from '../../../sidecar/reasoning/selection/selector.ts';
import { traceStatistics } from '../../../sidecar/numeric/traceStatistics.ts';
import { allocate, type AllocationRules, valueLead } from '../../../sidecar/reasoning/value/allocation.ts';
import type { ReplayedQuestion } from '../../calibrate/valueHead/valueReplay.ts';

/** What a way to sample and choose would have given on a question. */
interface SampledOutcome {
  readonly isRight: boolean;
  /** Generated tokens of the candidates that it would have sampled. */
  readonly tokens: number;
}

export type SampledWay = (question: ReplayedQuestion) => SampledOutcome;

/** Chooses by the most votes, the earliest answer of equals. */
const byVotes = { kappa: 0 } as const;

/** Ways to choose among all candidates of a question. Pure, like all here. */
export function waysToChoose({ kappa }: AllocationRules): Readonly<Record<string, SampledWay>> {
  return {
    majority: (all) => outcomeOf(all, all.length, byVotes.kappa),
    valueWeighted: (all) => outcomeOf(all, all.length, kappa),
    bestByValue: (all) => {
      const ballots = ballotsOf(all);
      const selection = rankFrequent(ballots, ({ value }) => value ?? 0);
      return {
        isRight: selection !== null && all[selection.candidateId]?.isCorrect === true,
        tokens: tokensOf(all),
      };
    },
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
  const fixedCounts = [1, 2, 4].filter((count) => count < mostCandidates);
  return {
    ...Object.fromEntries(
      fixedCounts.map((count): [string, SampledWay] => [
        `${count} of them`,
        (all) => outcomeOf(all, Math.min(count, all.length), byVotes.kappa),
      ]),
    ),
    'until two agree': until(byVotes.kappa, (ended) => hasTwoAlike(ended)),
    'consensus=likely, one after another': until(byVotes.kappa, (ended, undecided) => {
      const selector = ruleSelector(majorityVote);
      return consensusReason(selector, ballotsOf(ended), { undecided, consensus: 'likely' }) !== null;
    }),
    'settled or hopeless by value': until(
      rules.kappa,
      (ended, undecided) => allocate(ended, undecided, rules).type !== 'again',
    ),
  };
}

/** Samples until `isEnough` says so of those that ended, and of how many more there could be. */
function until(kappa: number, isEnough: (ended: ReplayedQuestion, undecided: number) => boolean): SampledWay {
  return (all) => {
    let count = 1;
    while (count < all.length && !isEnough(all.slice(0, count), all.length - count)) count += 1;
    return outcomeOf(all, count, kappa);
  };
}

function outcomeOf(all: ReplayedQuestion, count: number, kappa: number): SampledOutcome {
  const ended = all.slice(0, count);
  const lead = valueLead(ended, kappa);
  return {
    isRight: lead !== null && ended.some(({ answer, isCorrect }) => isCorrect && answer === lead.answer),
    tokens: tokensOf(ended),
  };
}

function hasTwoAlike(ended: ReplayedQuestion): boolean {
  const answers = ended.flatMap(({ answer }) => (answer === null ? [] : [answer]));
  return new Set(answers).size < answers.length;
}

function tokensOf(candidates: ReplayedQuestion): number {
  return candidates.reduce((sum, { tokens }) => sum + tokens, 0);
}

/** With nothing of what a value set does not keep: entropies of single tokens. */
function ballotsOf(candidates: ReplayedQuestion): readonly Ballot[] {
  const statistics = traceStatistics([], []);
  return candidates.map(({ answer, value, tokens }, candidateId) => {
    return { candidateId, answer, text: '', length: tokens, statistics, value };
  });
}
