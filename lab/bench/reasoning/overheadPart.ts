import { entropyRule, uncalibratedThresholds } from '../../../sidecar/reasoning/difficulty/entropyRule.ts';
import { sequenceOptionsFor } from '../../../sidecar/request/sequenceOptions.ts';
import { measureFigure, type SuiteContext } from '../suites/suite.ts';
import { type Answerer, answerAttempt } from './answerAttempt.ts';
import type { QuestionSet } from './questionSet.ts';
import { parseStrategyRow, type StrategyRow } from './strategyRow.ts';
import type { PartResult } from '../figure.ts';

/** A row that decides and changes nothing else: a cue before the first token would be a cost of its own. */
const deciding = parseStrategyRow('auto:1:skipPreamble=off');
const plain = parseStrategyRow('chainOfThought');
const unasked = entropyRule(uncalibratedThresholds);
/** One request is short, and what is looked for is small. */
const fewestPairs = 15;

/** What deciding by difficulty adds to the time until the first token: the same questions with and without, cold. */
export async function overheadPart(
  context: Pick<SuiteContext, 'rounds' | 'note' | 'signal'>,
  answerer: Answerer,
  { questions }: QuestionSet,
): Promise<PartResult> {
  const draws = new Map<StrategyRow, number>();
  const sources = new Set<string>();
  const firstTokenMs = (row: StrategyRow) => async (): Promise<number> => {
    const draw = draws.get(row) ?? 0;
    draws.set(row, draw + 1);
    const question = questions[draw % questions.length];
    if (question === undefined) throw new RangeError('A test set has a question.');
    const { timeToFirstTokenMs, difficulty } = await answerAttempt(
      // What a plain row notes of difficulty is not to be part of what it is compared with.
      row === plain ? { ...answerer, estimator: unasked } : answerer,
      { row, question, seed: 1 },
      {
        onEvent: () => undefined,
        // Reproducible requests reuse nothing, so that every prompt is read anew.
        sequenceOptions: sequenceOptionsFor('background', 'chat', 1),
        // A thought of one token, which is what the product's first one is.
        budget: { thoughtTokensPerCandidate: 1, answerTokensPerCandidate: 0 },
      },
      context.signal,
    );
    if (row === deciding && difficulty !== null) sources.add(difficulty.source);
    return timeToFirstTokenMs ?? NaN;
  };
  const figure = await measureFigure(
    { ...context, rounds: Math.max(fewestPairs, context.rounds) },
    { name: 'time to first token', unit: 'ms', subjectName: deciding.key, baselineName: plain.key },
    { subject: firstTokenMs(deciding), baseline: firstTokenMs(plain) },
  );
  const source = [...sources].join(', ');
  return { figures: [figure], notes: [`Time to first token: difficulty was decided by ${source}.`] };
}
