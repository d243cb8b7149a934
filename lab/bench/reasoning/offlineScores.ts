import { mean } from '../../../sidecar/numeric/mean.ts';
import { bestOfMajority } from '../../../sidecar/reasoning/selection/bestOfMajority.ts';
import { confidenceVote } from '../../../sidecar/reasoning/selection/confidenceVote.ts';
import { hedgeVote } from '../../../sidecar/reasoning/selection/hedgeVote.ts';
import { majorityVote } from '../../../sidecar/reasoning/selection/majorityVote.ts';
import { minimumRisk } from '../../../sidecar/reasoning/selection/minimumRisk.ts';
import { mostConfidentVote } from '../../../sidecar/reasoning/selection/mostConfidentVote.ts';
import type { SelectionRule } from '../../../sidecar/reasoning/selection/ruleSelector.ts';
import { steadinessVote } from '../../../sidecar/reasoning/selection/steadinessVote.ts';
import type { ContrastFigure } from '../figure.ts';
import { isAnyRight, isChoiceRight, replayConsensus } from './earlyStopReplay.ts';
import { ballotOf, lengthOf, type RawCandidate, type RawTrace } from './rawTrace.ts';
import { contrastScores, groupBy, type QuestionScore } from './rowSummary.ts';

type Outcome = (candidates: readonly RawCandidate[]) => {
  readonly isRight: boolean;
  readonly tokens: number;
};

const allTokens = (candidates: readonly RawCandidate[]): number =>
  candidates.reduce((sum, candidate) => sum + lengthOf(candidate), 0);

const chosenBy =
  (rule: SelectionRule): Outcome =>
  (candidates) => {
    const ballots = candidates.map(ballotOf).filter((ballot) => ballot !== null);
    return { isRight: isChoiceRight(rule, ballots, candidates), tokens: allTokens(candidates) };
  };

const rules: readonly SelectionRule[] = [
  bestOfMajority,
  confidenceVote,
  mostConfidentVote,
  steadinessVote,
  hedgeVote,
  minimumRisk,
];

/** Other ways to choose among the same finished candidates. */
const selectors: Readonly<Record<string, Outcome>> = {
  ...Object.fromEntries(rules.map((rule) => [rule.id, chosenBy(rule)])),
  'first alone': ([first]) => ({
    isRight: first?.isRight ?? false,
    tokens: first === undefined ? 0 : lengthOf(first),
  }),
  'any right (no selector can do better)': (candidates) => ({
    isRight: isAnyRight(candidates),
    tokens: allTokens(candidates),
  }),
};

const stops: Readonly<Record<string, Outcome>> = {
  'consensus=certain': (candidates) => replayConsensus(candidates, 'certain'),
  'consensus=likely': (candidates) => replayConsensus(candidates, 'likely'),
};

/**
 * Every selector and every early stop on the traces of a row whose candidates all ran from the prompt to their ends, each
 * against majority on the same traces. Empty for any other row. Pure.
 */
export function offlineScores(row: string, traces: readonly RawTrace[]): readonly ContrastFigure[] {
  const whole = traces.filter(
    ({ candidates }) =>
      candidates.length > 1 && candidates.every(({ end, isBranch }) => end !== 'pruned' && isBranch !== true),
  );
  if (whole.length < traces.length || whole.length === 0) return [];
  const baseline = outcomeScores(whole, chosenBy(majorityVote));
  const against = (group: 'selectors' | 'earlyStops', named: Readonly<Record<string, Outcome>>) =>
    Object.entries(named).map(([name, outcome]) =>
      contrastScores(
        { name: row, group, subjectName: name, baselineName: 'majority' },
        outcomeScores(whole, outcome),
        baseline,
      ),
    );
  return [...against('selectors', selectors), ...against('earlyStops', stops)].filter((f) => f !== null);
}

function outcomeScores(traces: readonly RawTrace[], outcome: Outcome): readonly QuestionScore[] {
  return [...groupBy(traces, ({ questionId }) => questionId)].map(([questionId, runs]) => {
    const outcomes = runs.map(({ candidates }) => outcome(candidates));
    return {
      questionId,
      accuracy: mean(outcomes.map(({ isRight }) => (isRight ? 1 : 0))),
      tokens: mean(outcomes.map(({ tokens }) => tokens)),
      seconds: 0,
    };
  });
}
