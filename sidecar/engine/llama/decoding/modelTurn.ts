import type { SequenceOptions } from '../../engine.ts';
import { worksInTurn } from './batchPlanner.ts';

/** What one model's sequences want of the next turn. */
export interface ModelDemand {
  readonly hasWork: boolean;
  /** Highest among its work. */
  readonly priority: SequenceOptions['priority'];
  /** How long its next round should wait for owners that were just answered, in milliseconds. */
  readonly waitMs: number;
  /** The same for interactive owners alone, whether it has work or not. */
  readonly interactiveWaitMs: number;
}

export interface ModelTurn<T> {
  /** Those that decode a round now, one after the other. */
  readonly now: readonly T[];
  /** How long until the next turn, in milliseconds; `Infinity` where no model has work. */
  readonly waitMs: number;
}

/**
 * Which of all loaded models decode next: the one rule by which they share the cores. Each decode call has all threads, and
 * calls follow one another, so a model that waits takes none. Background work of every model, such as a question, waits while any
 * model has interactive work, such as a completion, and while the owner of such work is about to say what comes next. Models
 * of the same class decode one round each, so that none waits for the end of another's requests. Pure.
 */
export function modelTurn<T extends ModelDemand>(models: readonly T[]): ModelTurn<T> {
  const comingMs = Math.max(0, ...models.map(({ interactiveWaitMs }) => interactiveWaitMs));
  const inTurn = worksInTurn(models.filter(({ hasWork }) => hasWork));
  const waits = inTurn.map((model) => ({
    model,
    waitMs: model.priority === 'background' ? Math.max(comingMs, model.waitMs) : model.waitMs,
  }));
  return {
    now: waits.filter(({ waitMs }) => waitMs === 0).map(({ model }) => model),
    waitMs: Math.min(Infinity, ...waits.map(({ waitMs }) => waitMs)),
  };
}
