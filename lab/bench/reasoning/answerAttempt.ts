import type { Budget } from '../../../protocol/budget.ts';
import { CodedError } from '../../../protocol/codedError.ts';
import type { AskResult } from '../../../protocol/messages.ts';
import { mergeChoices } from '../../../protocol/reasoningOptions.ts';
import type { TraceEvent } from '../../../protocol/traceEvent.ts';
import { initialTraceState, reduceTrace, type TraceState } from '../../../protocol/traceState.ts';
import type { Model, SequenceOptions } from '../../../sidecar/engine/engine.ts';
import { philox } from '../../../sidecar/numeric/random.ts';
import { systemClock } from '../../../sidecar/process/clock.ts';
import type { AutoTable } from '../../../sidecar/reasoning/difficulty/autoTable.ts';
import { type AskRequest, runRequest } from '../../../sidecar/reasoning/run/requestRunner.ts';
import type { DifficultyEstimator } from '../../../sidecar/request/difficultyEstimator.ts';
import { sinkTo } from '../../../sidecar/request/eventChannel.ts';
import { sequenceOptionsFor } from '../../../sidecar/request/sequenceOptions.ts';
import { Steering } from '../../../sidecar/request/steering.ts';
import { present } from '../../../sidecar/validation/fieldReader.ts';
import type { CodeParser } from '../../../sidecar/verify/codeParser.ts';
import { examplesOf, passes } from '../tasks/codeTask.ts';
import { programOf, type Question } from './questionSet.ts';
import { rawCandidatesOf, type RawTrace, rawVersion } from './rawTrace.ts';
import type { StrategyRow } from './strategyRow.ts';

/** What questions are put to. */
export interface Answerer {
  readonly model: Model;
  readonly estimator: DifficultyEstimator;
  /** What each class of difficulty leads to. */
  readonly tables: readonly AutoTable[];
  /** Null leaves the code of candidates unread. */
  readonly codeParser: CodeParser | null;
}

/** What most questions of a test set have no use for, and the machine's clock. */
export const bare = {
  verifier: null,
  clock: systemClock,
  onTraceFailure: (): undefined => undefined,
} as const;

export interface Attempt {
  readonly row: StrategyRow;
  readonly question: Question;
  readonly seed: number;
}

export interface AttemptOptions {
  readonly onEvent: (state: TraceState, event: TraceEvent) => void;
  readonly sequenceOptions?: SequenceOptions;
  readonly budget?: Partial<Budget>;
}

/** One question through the product's own request path. `onEvent` hears what happens. Throws what the request throws. */
export async function answerAttempt(
  answerer: Answerer,
  attempt: Attempt,
  options: AttemptOptions,
  signal: AbortSignal,
): Promise<Omit<RawTrace, 'machineMs' | 'revision'>> {
  const { question } = attempt;
  const program = programOf(question);
  await using examples = program === null ? null : await examplesOf(program);
  let state = initialTraceState;
  const events = sinkTo((event: TraceEvent) => {
    state = reduceTrace(state, event);
    options.onEvent(state, event);
  });
  const result = await runRequest(
    requestFor(attempt, options),
    {
      ...answerer,
      ...bare,
      verifier: examples?.verifier ?? null,
      fast: null,
      steering: new Steering(),
      traces: null,
    },
    { events, signal },
  );
  const { answer, reason } = result;
  if (reason === 'cancelled')
    throw new CodedError('cancelled', 'The run was stopped.', 'Run it again to go on.');
  const answers = [answer, ...state.candidates.map((one) => one.answer)];
  const isRight = await graderOf(question.expected, answers, signal);
  return rawTraceOf(attempt, result, { state, isRight });
}

function requestFor({ row, question, seed }: Attempt, options: AttemptOptions): AskRequest {
  return {
    ...row.request,
    requestId: `${row.key}/${seed}/${question.id}`,
    question: question.question,
    attachment: null,
    seed: requestSeed(seed, question.index),
    choices: mergeChoices(row.request.choices, present({ budget: options.budget })),
    sequenceOptions: options.sequenceOptions ?? sequenceOptionsFor('background', 'chat', undefined),
  };
}

function rawTraceOf(
  { row, question, seed }: Attempt,
  { answer, reason, ledger, timing }: AskResult,
  { state, isRight }: { readonly state: TraceState; readonly isRight: (answer: string | null) => boolean },
): Omit<RawTrace, 'machineMs' | 'revision'> {
  const { difficulty } = state;
  return {
    version: rawVersion,
    row: row.key,
    seed,
    questionId: question.id,
    isRight: isRight(answer),
    answer,
    reason,
    ledger,
    timeToFirstTokenMs: timing.timeToFirstTokenMs,
    difficulty: difficulty && {
      class: difficulty.difficulty,
      source: difficulty.source,
      strategy: difficulty.strategy,
      meanEntropyNats: difficulty.meanEntropyNats,
    },
    candidates: rawCandidatesOf(state, isRight),
  };
}

/** Decides which of these answers are right: by what is known, or by running its program in its tests. */
async function graderOf(
  expected: Question['expected'],
  answers: readonly (string | null)[],
  signal: AbortSignal,
): Promise<(answer: string | null) => boolean> {
  if (typeof expected === 'string') return (answer) => answer === expected;
  const right = new Set<string | null>();
  for (const answer of new Set(answers))
    if (answer !== null && (await passes(answer, expected, signal))) right.add(answer);
  return (answer) => right.has(answer);
}

/** The same for every strategy, so that strategies meet the same draws; 32-bit. */
function requestSeed(seed: number, questionIndex: number): number {
  return philox([questionIndex, seed, 0, 0], [0x62656e63, 2])[0];
}
