import type { TokenStep } from '../../engine.ts';
import type { StepColumns, StepRun } from './threadProtocol.ts';

/** Steps are sent at most this often, unless a call ends: a display frame, and few wake-ups at 100 tokens a second. */
export const outboxIntervalMs = 16;

/** Collects the steps of all running calls into one message. Pure but for the clock it is given. */
export class StepOutbox {
  readonly #runs = new Map<number, StepColumns>();
  readonly #now: () => number;
  #lastTakenMs = -Infinity;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(callId: number, step: TokenStep): void {
    const columns = this.#runs.get(callId) ?? this.#start(callId);
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
    const runs = Array.from(this.#runs, ([callId, steps]) => ({ callId, steps }));
    this.#runs.clear();
    if (runs.length > 0) this.#lastTakenMs = this.#now();
    return runs;
  }

  #start(callId: number): StepColumns {
    const columns: StepColumns = {
      ids: [],
      texts: [],
      logprobs: [],
      entropyNats: [],
      varentropy: [],
      margins: [],
      alternatives: [],
      sources: [],
    };
    this.#runs.set(callId, columns);
    return columns;
  }
}

/** The steps of columns, one after another. */
export function stepsOf(columns: StepColumns): readonly TokenStep[] {
  return columns.ids.map((id, i) => ({
    id,
    text: columns.texts[i] ?? '',
    logprob: columns.logprobs[i] ?? NaN,
    entropyNats: columns.entropyNats[i] ?? NaN,
    varentropy: columns.varentropy[i] ?? NaN,
    margin: columns.margins[i] ?? NaN,
    alternatives: columns.alternatives[i] ?? [],
    source: columns.sources[i] ?? 'model',
  }));
}
