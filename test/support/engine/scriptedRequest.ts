import { fileSource } from '../../../sidecar/engine/engineSource.ts';
import type { AskResult } from '../../../protocol/messages.ts';
import { mergeChoices, type UserChoices } from '../../../protocol/reasoningOptions.ts';
import type { TraceEvent } from '../../../protocol/traceEvent.ts';
import { initialTraceState, reduceTraceAll, type TraceState } from '../../../protocol/traceState.ts';
import type { Model } from '../../../sidecar/engine/engine.ts';
import type { Script } from '../../../sidecar/engine/scripted/script.ts';
import {
  createScriptedEngine,
  type ScriptedEngineOptions,
} from '../../../sidecar/engine/scripted/scriptedEngine.ts';
import { entropyRule, uncalibratedThresholds } from '../../../sidecar/reasoning/difficulty/entropyRule.ts';
import {
  type AskRequest,
  type RunnerDependencies,
  runRequest,
} from '../../../sidecar/reasoning/run/requestRunner.ts';
import { Steering } from '../../../sidecar/request/steering.ts';
import { CollectedEvents } from '../trace/collectedEvents.ts';
import { ManualClock } from '../machine/manualClock.ts';

/** What a scripted request asks unless it says otherwise. */
export const scriptedQuestion = 'How many legs do three cats have?';

/** What is asked unless a test says otherwise. */
export const scriptedRequest: AskRequest = {
  requestId: 'request-1',
  question: scriptedQuestion,
  attachment: null,
  strategy: 'direct',
  candidateCount: 1,
  seed: 7,
  difficulty: null,
  sequenceOptions: { priority: 'background' },
  choices: { maxThoughtTokens: 64 },
};

/** A request with its choices beside its other members; those that are null or absent are not made. */
export type FlatRequest = Partial<Omit<AskRequest, 'choices'>> & {
  readonly [K in keyof UserChoices]?: UserChoices[K] | null;
};

/** Changes a request, and no choice but those that are named. */
export function changeRequest(request: AskRequest, changes: FlatRequest): AskRequest {
  const {
    temperature,
    selector,
    stepSearch,
    earlyStopping,
    skipPreamble,
    repair,
    think,
    budget,
    maxThoughtTokens,
    ...others
  } = changes;
  const chosen = {
    temperature,
    selector,
    stepSearch,
    earlyStopping,
    skipPreamble,
    repair,
    think,
    budget,
    maxThoughtTokens,
  };
  const made = Object.entries(chosen).filter(([, choice]) => choice !== undefined && choice !== null);
  return { ...request, ...others, choices: mergeChoices(request.choices, Object.fromEntries(made)) };
}

export interface ScriptedRun {
  readonly request?: FlatRequest;
  readonly engine?: ScriptedEngineOptions;
  readonly dependencies?: Partial<RunnerDependencies>;
  readonly signal?: AbortSignal;
  /** Takes the runner's place, such as one that does something with its log. */
  readonly run?: typeof runRequest;
  /** Called with each event as it comes, before the next one is asked for. */
  readonly onEvent?: (event: TraceEvent) => void;
}

export interface ScriptedOutcome {
  readonly events: readonly TraceEvent[];
  readonly state: TraceState;
  /** Null when the request failed. */
  readonly result: AskResult | null;
  /** What was thrown, else null. */
  readonly thrown: unknown;
}

/** A model that plays the script. */
export async function scriptedModel(script: Script, options: ScriptedEngineOptions = {}): Promise<Model> {
  const engine = createScriptedEngine(script, options);
  const loadOptions = {
    contextTokens: 0,
    maxSequences: 16,
    threads: 0,
    speculation: 'off',
  } as const;
  return engine.open(fileSource('scripted.gguf'), loadOptions, new AbortController().signal);
}

/** Runs one request on a scripted engine from its first event to its last. Each decode takes 10 ms. */
export async function runScripted(script: Script, run: ScriptedRun = {}): Promise<ScriptedOutcome> {
  const clock = new ManualClock();
  const model = await scriptedModel(script, {
    onDecode: () => {
      clock.advance(10);
    },
    ...run.engine,
  });
  const events = new CollectedEvents(run.onEvent);
  const asked = (run.run ?? runRequest)(
    changeRequest(scriptedRequest, run.request ?? {}),
    {
      model,
      estimator: entropyRule(uncalibratedThresholds),
      fast: null,
      steering: new Steering(),
      verifier: null,
      codeParser: null,
      clock,
      traces: null,
      onTraceFailure: (error) => {
        throw error;
      },
      ...run.dependencies,
    },
    { events, signal: run.signal ?? new AbortController().signal },
  );
  let result: AskResult | null = null;
  let thrown: unknown = null;
  try {
    result = await asked;
  } catch (error) {
    thrown = error;
  }
  return { events: events.all, state: reduceTraceAll(initialTraceState, events.all), result, thrown };
}
