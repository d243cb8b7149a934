import type { TokenStep } from '../../engine.ts';
import type { StepColumns, StepRun } from './threadProtocol.ts';

/** Steps are sent at most this often, unless a call ends: a display frame, and few wake-ups at 100 tokens a second. */
export const outboxIntervalMs = 16;

/** Columns that still grow: states are put together when they are taken. */
interface GrowingColumns extends Omit<StepColumns, 'lineStates'> {
  readonly lineStates: Float32Array[];
}

/** Collects the steps of all running calls into one message. Pure but for the clock it is given. */
export class StepOutbox {
  readonly #runs = new Map<number, GrowingColumns>();
  readonly #now: () => number;
  #lastTakenMs = -Infinity;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(callId: number, step: TokenStep): void {
    const columns = this.#runs.get(callId) ?? this.#start(callId);
    if (step.lineState !== undefined) {
      columns.lineSteps.push(columns.ids.length);
      columns.lineStates.push(step.lineState);
    }
    columns.ids.push(step.id);
    columns.texts.push(step.text);
    columns.logprobs.push(step.logprob);
    columns.entropyNats.push(step.entropyNats);
    columns.varentropy.push(step.varentropy);
    columns.margins.push(step.margin);
    columns.alternatives.push(step.alternatives);
    columns.sources.push(step.source);
  }

  /** True when steps wait and the interval since the last message is over. */
  get isDue(): boolean {
    return this.#runs.size > 0 && this.#now() - this.#lastTakenMs >= outboxIntervalMs;
  }

  /** Everything that waits; empty when nothing does. */
  take(): readonly StepRun[] {
    const runs = Array.from(this.#runs, ([callId, { lineStates, ...columns }]) => ({
      callId,
      steps: { ...columns, lineStates: joined(lineStates) },
    }));
    this.#runs.clear();
    if (runs.length > 0) this.#lastTakenMs = this.#now();
    return runs;
  }

  #start(callId: number): GrowingColumns {
    const columns: GrowingColumns = {
      ids: [],
      texts: [],
      logprobs: [],
      entropyNats: [],
      varentropy: [],
      margins: [],
      alternatives: [],
      sources: [],
      lineSteps: [],
      lineStates: [],
    };
    this.#runs.set(callId, columns);
    return columns;
  }
}

/** The steps of columns, one after another. States are views of the columns' buffer. */
export function stepsOf(columns: StepColumns): readonly TokenStep[] {
  const { lineSteps, lineStates } = columns;
  const stateSize = lineStates.length / lineSteps.length;
  const stateOf = new Map(
    lineSteps.map((step, place) => [step, lineStates.subarray(place * stateSize, (place + 1) * stateSize)]),
  );
  return columns.ids.map((id, i) => {
    const lineState = stateOf.get(i);
    return {
      id,
      text: columns.texts[i] ?? '',
      logprob: columns.logprobs[i] ?? NaN,
      entropyNats: columns.entropyNats[i] ?? NaN,
      varentropy: columns.varentropy[i] ?? NaN,
      margin: columns.margins[i] ?? NaN,
      alternatives: columns.alternatives[i] ?? [],
      source: columns.sources[i] ?? 'model',
      ...(lineState !== undefined && { lineState }),
    };
  });
}

/** Buffers that a message of runs may give away instead of copying them. */
export function transferableOf(runs: readonly StepRun[]): readonly ArrayBuffer[] {
  return runs.flatMap(({ steps }) => (steps.lineSteps.length > 0 ? [steps.lineStates.buffer] : []));
}

function joined(states: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const size = states[0]?.length ?? 0;
  const all = new Float32Array(states.length * size);
  for (const [place, state] of states.entries()) all.set(state, place * size);
  return all;
}
