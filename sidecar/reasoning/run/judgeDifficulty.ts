import type { DifficultyJudgement, DifficultyReport } from '../../../protocol/messages.ts';
import { Steering } from '../../request/steering.ts';
import { type AskRequest, type RunnerDependencies, runRequest } from './requestRunner.ts';

/**
 * How hard a question is for a model, as `auto` judges it, without an answer: the request is stopped once it knows. What
 * was read of the prompt stays in the cache for whoever asks next. The report is null, too, where it was stopped. Throws as `runRequest` does, and leaves no trace.
 */
export async function judgeDifficulty(
  request: AskRequest,
  dependencies: Omit<RunnerDependencies, 'steering' | 'traces' | 'memory' | 'fast'>,
  signal: AbortSignal,
): Promise<DifficultyJudgement> {
  const steering = new Steering();
  const log = runRequest(
    { ...request, strategy: 'auto', candidateCount: 1 },
    { ...dependencies, steering, traces: null, memory: null, fast: null },
    signal,
  );
  let report: DifficultyReport | null = null;
  let step = await log.next();
  for (; step.done !== true; step = await log.next()) {
    const event = step.value;
    if (event.type !== 'difficulty/decided') continue;
    const { difficulty, source, probabilities, meanEntropyNats, features, why } = event;
    // Stopped before a token was there, the rule has said something, but judged nothing.
    if (source === 'entropyRule' && meanEntropyNats === null) continue;
    report = {
      model: dependencies.model.info.identity.name,
      difficulty,
      source,
      probabilities,
      meanEntropyNats,
      features,
      why,
    };
    steering.steer('stop');
  }
  return { report, ledger: step.value.ledger };
}
