import type { RunScope } from './eventChannel.ts';

/** What is done about the writers. No two of these calls overlap, and they come in the order of arrival. */
export interface Turns<E, R> {
  /** The writer of the event waits for it. */
  readonly takeEvent: (event: E) => Promise<void>;
  /** Called with what a writer returned. */
  readonly takeResult?: (result: R) => Promise<void>;
}

/**
 * Has a writer write for each item, all at once, and returns what they return, in the order of the items. Fair: a writer goes on only after its last event
 * was taken, so none can run ahead of the others. When one throws, or a turn does, the others' signal is aborted and their
 * events are dropped; the error is thrown once all have ended.
 */
export async function together<T, E, R>(
  items: readonly T[],
  write: (item: T, scope: RunScope<E>) => Promise<R>,
  { takeEvent, takeResult }: Turns<E, R>,
  signal: AbortSignal,
): Promise<readonly R[]> {
  const abandonment = new AbortController();
  const failures: unknown[] = [];
  let lastTurn = Promise.resolve();
  const inTurn = (work: () => Promise<void> | undefined): Promise<void> => {
    lastTurn = lastTurn.then(async () => {
      if (failures.length > 0) return;
      try {
        await work();
      } catch (thrown) {
        failures.push(thrown);
        abandonment.abort();
      }
    });
    return lastTurn;
  };
  const scope: RunScope<E> = {
    events: { push: (event) => inTurn(() => takeEvent(event)) },
    signal: AbortSignal.any([signal, abandonment.signal]),
  };
  const results: R[] = [];
  const run = async (item: T, place: number): Promise<void> => {
    try {
      const result = await write(item, scope);
      results[place] = result;
      await inTurn(() => takeResult?.(result));
    } catch (thrown) {
      await inTurn(() => {
        throw thrown;
      });
    }
  };
  await Promise.all(items.map(run));
  if (failures.length > 0) throw failures[0];
  return results;
}
