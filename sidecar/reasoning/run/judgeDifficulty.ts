import type { DifficultyJudgement, DifficultyReport } from '../../../protocol/messages.ts';
import type { TraceEvent } from '../../../protocol/traceEvent.ts';
import { sinkTo } from '../../request/eventChannel.ts';
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
  const model = dependencies.model.info.identity.name;
  const reports: DifficultyReport[] = [];
  const events = sinkTo((event: TraceEvent) => {
    if (event.type !== 'difficulty/decided') return;
    const { difficulty, source, probabilities, meanEntropyNats, features, why } = event;
    // Stopped before a token was there, the rule has said something, but judged nothing.
    if (source === 'entropyRule' && meanEntropyNats === null) return;
    reports.push({ model, difficulty, source, probabilities, meanEntropyNats, features, why });
    steering.steer('stop');
  });
  const { ledger } = await runRequest(
    { ...request, strategy: 'auto', candidateCount: 1 },
    { ...dependencies, steering, traces: null, memory: null, fast: null },
    { events, signal },
  );
  return { report: reports.at(-1) ?? null, ledger };
}
