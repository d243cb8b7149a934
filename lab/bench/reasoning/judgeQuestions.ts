import type { DifficultyClass } from '../../../protocol/traceEvent.ts';
import { judgeDifficulty } from '../../../sidecar/reasoning/run/judgeDifficulty.ts';
import { sequenceOptionsFor } from '../../../sidecar/request/sequenceOptions.ts';
import { type Answerer, bare } from './answerAttempt.ts';
import type { Question } from './questionSet.ts';
import { parseStrategyRow } from './strategyRow.ts';

/**
 * The class of each question as `auto` judges it now, by id. Costs the prompts, and the probe prefixes that the entropy rule
 * reads. Throws what the requests throw.
 */
export async function judgeQuestions(
  answerer: Answerer,
  questions: readonly Question[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, DifficultyClass>> {
  const classes = new Map<string, DifficultyClass>();
  for (const { id, question } of questions) {
    const { report } = await judgeDifficulty(
      {
        ...parseStrategyRow('auto:1').request,
        requestId: `judge/${id}`,
        question,
        attachment: null,
        seed: 0,
        sequenceOptions: sequenceOptionsFor('background', 'chat', undefined),
      },
      { ...answerer, ...bare },
      signal,
    );
    if (report !== null) classes.set(id, report.difficulty);
  }
  return classes;
}
