import type { SearchEvent } from '../../protocol/traceEvent.ts';

/** Takes the events of a piece of work. */
export interface EventSink<E = SearchEvent> {
  /**
   * Resolves once the reader has taken the event, done with it what it does, and asked for the next. Work that waits for
   * that never runs ahead of what the log knows. Once the reader has left, events are dropped.
   */
  push(event: E): Promise<void>;
}

/** Where a piece of work reports, and what ends it. The last argument of all work below a strategy. */
export interface RunScope<E = SearchEvent> {
  readonly events: EventSink<E>;
  readonly signal: AbortSignal;
}

/** Work that reports as it goes, and returns what came out. */
export type ReportingWork<E, R> = (scope: RunScope<E>) => Promise<R>;

interface Pushed<E> {
  readonly event: E;
  /** Lets the writer go on. */
  readonly release: () => void;
}

/**
 * Makes work a generator of its events, in the order in which they were pushed, that returns what the work returns and
 * throws what it throws. The work begins with the first `next`. When the reader leaves early, the work's signal is aborted,
 * and the generator ends once the work has.
 */
export async function* eventsOf<E, R>(
  work: ReportingWork<E, R>,
  signal: AbortSignal,
): AsyncGenerator<E, R, void> {
  const queue: Pushed<E>[] = [];
  let taken: Pushed<E> | undefined;
  let wake = (): void => undefined;
  const state = { hasReader: true, isRunning: true };
  const events: EventSink<E> = {
    push: (event) =>
      new Promise((release) => {
        if (!state.hasReader) {
          release();
          return;
        }
        queue.push({ event, release });
        wake();
      }),
  };
  const abandonment = new AbortController();
  const result = work({ events, signal: AbortSignal.any([signal, abandonment.signal]) });
  const end = (): void => {
    state.isRunning = false;
    wake();
  };
  const ended = result.then(end, end);
  try {
    for (;;) {
      taken = queue.shift();
      if (taken !== undefined) {
        yield taken.event;
        taken.release();
      } else if (state.isRunning) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else {
        return await result;
      }
    }
  } finally {
    state.hasReader = false;
    if (state.isRunning) abandonment.abort();
    taken?.release();
    for (const { release } of queue) release();
    await ended;
  }
}

/** Passes on the events of a generator, one at a time, and returns what it returns. Ends it where the sink throws. */
export async function forwardEvents<E, R>(
  source: AsyncGenerator<E, R, void>,
  events: EventSink<E>,
): Promise<R> {
  for (;;) {
    const step = await source.next();
    if (step.done === true) return step.value;
    await events.push(step.value).catch((thrown: unknown) => source.throw(thrown));
  }
}

/** A sink that hands each event to a function, and lets the writer go on at once. */
export function sinkTo<E>(listener: (event: E) => void): EventSink<E> {
  return {
    push: (event) =>
      new Promise((resolve) => {
        listener(event);
        resolve();
      }),
  };
}
