import type { ReportingWork, RunScope } from './eventChannel.ts';

/** What is done about the writers. No two of these calls overlap, and they come in the order of arrival. */
export interface Turns<E, R> {
  /** The writer of the event waits for it. */
  readonly takeEvent: (event: E) => Promise<void>;
  /** Called with what a writer returned, by its place. */
  readonly takeResult?: (result: R, writer: number) => Promise<void>;
}

/**
 * Runs all writers at once and returns what they return, in their order. Fair: a writer goes on only after its last event
 * was taken, so none can run ahead of the others. When one throws, or a turn does, the others' signal is aborted and their
 * events are dropped; the error is thrown once all have ended.
 */
export async function together<E, R>(
  writers: readonly ReportingWork<E, R>[],
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
  const run = async (write: ReportingWork<E, R>, place: number): Promise<void> => {
    try {
      const result = await write(scope);
      results[place] = result;
      await inTurn(() => takeResult?.(result, place));
    } catch (thrown) {
      await inTurn(() => {
        throw thrown;
      });
    }
  };
  await Promise.all(writers.map(run));
  if (failures.length > 0) throw failures[0];
  return results;
}
