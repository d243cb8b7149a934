import type { AskResult } from '../../../protocol/messages.ts';
import type { TraceEvent } from '../../../protocol/traceEvent.ts';
import { initialTraceState, reduceTraceAll, type TraceState } from '../../../protocol/traceState.ts';
import type { Model } from '../../../sidecar/engine/engine.ts';
import { type Clock, systemClock } from '../../../sidecar/process/clock.ts';
import type { AutoTable } from '../../../sidecar/reasoning/difficulty/autoTable.ts';
import { entropyRule, uncalibratedThresholds } from '../../../sidecar/reasoning/difficulty/entropyRule.ts';
import { type AskRequest, runRequest } from '../../../sidecar/reasoning/run/requestRunner.ts';
import { Steering } from '../../../sidecar/request/steering.ts';
import { CollectedEvents } from '../trace/collectedEvents.ts';

export interface Asked {
  readonly result: AskResult;
  readonly events: readonly TraceEvent[];
  /** What they reduce to. */
  readonly state: TraceState;
}

/**
 * Runs a question on a model to its end: nobody steers or verifies it, and nothing is kept of it. `tables` lead `auto`;
 * time is the system's unless a clock is given.
 */
export async function askModel(
  model: Model,
  request: AskRequest,
  {
    tables,
    clock = systemClock,
    signal = new AbortController().signal,
  }: { readonly tables?: readonly AutoTable[]; readonly clock?: Clock; readonly signal?: AbortSignal } = {},
): Promise<Asked> {
  const events = new CollectedEvents<TraceEvent>();
  const result = await runRequest(
    request,
    {
      model,
      estimator: entropyRule(uncalibratedThresholds),
      ...(tables && { tables }),
      memory: null,
      fast: null,
      steering: new Steering(),
      verifier: null,
      codeParser: null,
      clock,
      traces: null,
      onTraceFailure: (error) => {
        throw error;
      },
    },
    { events, signal },
  );
  return { result, events: events.all, state: reduceTraceAll(initialTraceState, events.all) };
}
