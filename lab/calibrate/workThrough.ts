import { cancelled } from '../../sidecar/engine/cancelled.ts';

export interface WorkOptions<T, R> {
  /** Items that are worked on at once. */
  readonly workers: number;
  /** Its signal is aborted too when another item fails. */
  readonly work: (item: T, signal: AbortSignal) => Promise<R>;
  /** Called for each item in the order they are done, one at a time; the worker's next item waits for it. */
  readonly onDone: (result: R) => Promise<void>;
}

/**
 * Works through items, several at once. Throws `cancelled`, and the first failure of an item; `onDone` has had every item
 * that was done by then.
 */
export async function workThrough<T, R>(
  items: readonly T[],
  { workers, work, onDone }: WorkOptions<T, R>,
  signal: AbortSignal,
): Promise<void> {
  const queue = [...items];
  const failure = new AbortController();
  const ended = AbortSignal.any([signal, failure.signal]);
  const failures: unknown[] = [];
  let reported = Promise.resolve();
  const run = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined && !ended.aborted; next = queue.shift()) {
      try {
        const result = await work(next, ended);
        reported = reported.then(() => onDone(result));
        await reported;
      } catch (thrown) {
        failures.push(thrown);
        failure.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(items.length, workers) }, run));
  if (signal.aborted) throw cancelled();
  if (failures.length > 0) throw failures[0];
}
