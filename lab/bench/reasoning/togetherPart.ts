import { generatedTokenCount } from '../../../protocol/budget.ts';
import { measureFigure, type SuiteContext } from '../suites/suite.ts';
import { type Answerer, answerAttempt } from './answerAttempt.ts';
import type { Question, QuestionSet } from './questionSet.ts';
import { parseStrategyRow } from './strategyRow.ts';
import type { PartResult } from '../figure.ts';

const count = 8;
const together = parseStrategyRow(`selfConsistency:${count}:consensus=off`);
const alone = parseStrategyRow('selfConsistency:1:consensus=off');

/**
 * Candidates of one request, decoded as one batch, against as many requests of one candidate each in a row. By generated
 * token, since the texts differ in length; every candidate runs to its own end, so the batch shrinks as in use.
 */
export async function togetherPart(
  context: Pick<SuiteContext, 'rounds' | 'note' | 'signal'>,
  answerer: Answerer,
  { questions }: QuestionSet,
): Promise<PartResult> {
  const draws = { together: 0, alone: 0 };
  const next = (side: keyof typeof draws): Question => {
    const question = questions[draws[side]++ % questions.length];
    if (question === undefined) throw new RangeError('A test set has a question.');
    return question;
  };
  const figure = await measureFigure(
    context,
    {
      name: `a token of ${count} candidates`,
      unit: 'ms',
      subjectName: `${count} together`,
      baselineName: 'one after another',
    },
    {
      subject: () =>
        msPerToken(answerer, { row: together, question: next('together'), runs: 1 }, context.signal),
      baseline: () =>
        msPerToken(answerer, { row: alone, question: next('alone'), runs: count }, context.signal),
    },
  );
  return { figures: [figure], notes: [] };
}

async function msPerToken(
  answerer: Answerer,
  work: { readonly row: typeof together; readonly question: Question; readonly runs: number },
  signal: AbortSignal,
): Promise<number> {
  const startMs = performance.now();
  let tokens = 0;
  for (let seed = 1; seed <= work.runs; seed++) {
    const { ledger } = await answerAttempt(answerer, { ...work, seed }, { onEvent: () => undefined }, signal);
    tokens += generatedTokenCount(ledger);
  }
  return (performance.now() - startMs) / tokens;
}
