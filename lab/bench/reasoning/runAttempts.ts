import { CodedError } from '../../../protocol/codedError.ts';
import { mergeChoices } from '../../../protocol/reasoningOptions.ts';
import type { TraceEvent } from '../../../protocol/traceEvent.ts';
import type { TraceState } from '../../../protocol/traceState.ts';
import { type ClassProfiles, profilesFor } from '../../../sidecar/reasoning/difficulty/autoTable.ts';
import { mostCandidates } from '../../../sidecar/reasoning/run/requestRunner.ts';
import { judgeOf } from '../../../sidecar/request/difficultyEstimator.ts';
import { present } from '../../../sidecar/validation/fieldReader.ts';
import { answerAttempt, type Answerer, type Attempt } from './answerAttempt.ts';
import type { RawTrace } from './rawTrace.ts';
import { SharedTime } from './sharedTime.ts';
import { type StrategyRow, weightOf } from './strategyRow.ts';

/**
 * Candidates that decode side by side: where two cores gain little from another. With prompts of 120 tokens and answers of
 * 120 to 160, the 1.5B model writes 60 tok/s with 12 of them, 68 with 16 and 74 with 24.
 */
export const candidatesAtOnce = 16;

/** Candidates that may be open at once while a request with `most` of them comes in as others end. */
export function mostOpenCandidates(most: number): number {
  return candidatesAtOnce + Math.ceil(most / 2);
}

/**
 * Asks everything, as many questions side by side as keep about `candidatesAtOnce` candidates decoding: the next one
 * starts when there is room for half of its candidates. `onDone` hears of each as it ends, with its part of the
 * machine's time. The first failure ends the rest and is thrown; nothing goes on after that.
 */
export async function runAttempts(
  answerer: Answerer,
  attempts: readonly Attempt[],
  options: {
    readonly now: () => number;
    readonly onDone: (trace: Omit<RawTrace, 'revision'>) => Promise<void>;
  },
  signal: AbortSignal,
): Promise<void> {
  const failure = new AbortController();
  const ended = AbortSignal.any([signal, failure.signal]);
  const time = new SharedTime(options.now);
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let wake: () => void = () => undefined;

  const { model, estimator, tables } = answerer;
  const profiles = profilesFor(tables, model.info.identity.hash, judgeOf(estimator));
  const run = async (attempt: Attempt): Promise<void> => {
    time.weigh(attempt, weightOf(attempt.row, profiles));
    try {
      const onEvent = (state: TraceState, event: TraceEvent): void => {
        const weight = openCandidates(state, event, { row: attempt.row, profiles });
        if (weight === null) return;
        time.weigh(attempt, weight);
        wake();
      };
      const trace = await answerAttempt(answerer, attempt, { onEvent }, ended);
      await options.onDone({ ...trace, machineMs: time.leave(attempt) });
    } catch (thrown) {
      time.leave(attempt);
      failures.push(thrown);
      failure.abort();
    }
  };

  for (const attempt of attempts) {
    const weight = weightOf(attempt.row, profiles);
    while (running.size > 0 && time.weight + weight / 2 > candidatesAtOnce && !ended.aborted) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (ended.aborted) break;
    const done = run(attempt).finally(() => {
      running.delete(done);
      wake();
    });
    running.add(done);
  }
  await Promise.all(running);
  if (signal.aborted)
    throw new CodedError(
      'cancelled',
      'The run was stopped; its answers are kept.',
      'Run the same command again to go on.',
    );
  if (failures.length > 0) throw failures[0];
}

/** Candidates that decode or are about to, where the event changes their number; null for all other events. */
function openCandidates(
  state: TraceState,
  { type }: TraceEvent,
  { row, profiles }: { readonly row: StrategyRow; readonly profiles: ClassProfiles },
): number | null {
  if (type !== 'candidate/opened' && type !== 'candidate/closed' && type !== 'difficulty/decided')
    return null;
  const { candidates, difficulty } = state;
  const expected = mostCandidates(expectedOf(row, difficulty), profiles);
  const running = candidates.filter(({ status }) => status === 'running').length;
  return Math.max(running, expected - (candidates.length - running));
}

/** What runs from here on: a row's own request, or what difficulty made of it. */
function expectedOf(
  { request }: StrategyRow,
  difficulty: TraceState['difficulty'],
): Parameters<typeof mostCandidates>[0] {
  const { strategy, parameters } = difficulty ?? {};
  return {
    strategy: strategy ?? request.strategy,
    candidateCount: parameters?.candidates ?? request.candidateCount,
    choices: mergeChoices(request.choices, present({ stepSearch: parameters?.stepSearch ?? undefined })),
  };
}
