import { describe, expect, test } from 'vitest';
import {
  eventsOf,
  forwardEvents,
  type ReportingWork,
  sinkTo,
} from '../../../../sidecar/request/eventChannel.ts';
import { unhurried } from '../../../support/engine/generating.ts';

/** Waits for the signal. */
async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
}

/** All that could run by now has run. */
function idle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

async function readAll<R>(
  log: AsyncGenerator<string, R, void>,
): Promise<{ readonly events: readonly string[]; readonly result: R }> {
  const events: string[] = [];
  const result = await forwardEvents(
    log,
    sinkTo((event) => {
      events.push(event);
    }),
  );
  return { events, result };
}

describe('events of work', () => {
  test('of several writers come in the order of arrival, and the result after them', async () => {
    const work: ReportingWork<string, number> = async ({ events }) => {
      const write = async (name: string): Promise<void> => {
        for (const place of [1, 2, 3]) await events.push(`${name}${place}`);
      };
      await Promise.all([write('a'), write('b')]);
      await events.push('last');
      return 12;
    };
    expect(await readAll(eventsOf(work, unhurried))).toEqual({
      events: ['a1', 'b1', 'a2', 'b2', 'a3', 'b3', 'last'],
      result: 12,
    });
  });

  test('come all, also those that the work did not wait for', async () => {
    const work: ReportingWork<string, string> = ({ events }) => {
      void events.push('first');
      void events.push('second');
      return Promise.resolve('done');
    };
    expect(await readAll(eventsOf(work, unhurried))).toEqual({
      events: ['first', 'second'],
      result: 'done',
    });
  });

  test('keep the work from running ahead of its reader', async () => {
    const done: string[] = [];
    const work: ReportingWork<string, void> = async ({ events }) => {
      done.push('begun');
      await events.push('first');
      done.push('first is taken');
      await events.push('second');
      done.push('second is taken');
    };
    const log = eventsOf(work, unhurried);
    await idle();
    expect(done).toEqual([]);
    expect(await log.next()).toEqual({ done: false, value: 'first' });
    await idle();
    expect(done).toEqual(['begun']);
    expect(await log.next()).toEqual({ done: false, value: 'second' });
    await idle();
    expect(done).toEqual(['begun', 'first is taken']);
    expect(await log.next()).toEqual({ done: true, value: undefined });
    expect(done).toEqual(['begun', 'first is taken', 'second is taken']);
  });

  test('end with an error where the work throws, after what it pushed', async () => {
    const events: string[] = [];
    const log = eventsOf<string, never>(async (scope) => {
      await scope.events.push('before');
      throw new Error('broken work');
    }, unhurried);
    const sink = sinkTo((event: string) => {
      events.push(event);
    });
    await expect(forwardEvents(log, sink)).rejects.toThrow('broken work');
    expect(events).toEqual(['before']);
    expect(await log.next()).toEqual({ done: true, value: undefined });
  });

  test('pass the signal on', async () => {
    const cancellation = new AbortController();
    const log = eventsOf<string, string>(async ({ events, signal }) => {
      await events.push('ready');
      await untilAborted(signal);
      await events.push('last words');
      return 'cancelled';
    }, cancellation.signal);
    expect((await log.next()).value).toBe('ready');
    cancellation.abort();
    expect(await readAll(log)).toEqual({ events: ['last words'], result: 'cancelled' });
  });

  test('of a read log leave the signal alone', async () => {
    const signals: AbortSignal[] = [];
    const work: ReportingWork<string, void> = async ({ events, signal }) => {
      signals.push(signal);
      await events.push('only');
    };
    await readAll(eventsOf(work, unhurried));
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });
});

describe('a reader that leaves early', () => {
  /** Pushes, waits for its end, pushes what nobody reads, and frees what it has. */
  function lasting(done: string[]): ReportingWork<string, string> {
    return async ({ events, signal }) => {
      const write = async (name: string): Promise<void> => {
        await events.push(name);
        done.push(`${name} went on, aborted: ${signal.aborted}`);
        await untilAborted(signal);
        await events.push('dropped');
        await idle();
        done.push(`${name} ended`);
      };
      await Promise.all([write('a'), write('b')]);
      return 'cancelled';
    };
  }
  const ended = ['a went on, aborted: true', 'b went on, aborted: true', 'a ended', 'b ended'];

  test('aborts the work, and waits for its end', async () => {
    const done: string[] = [];
    for await (const event of eventsOf(lasting(done), unhurried)) {
      expect(event).toBe('a');
      break;
    }
    expect(done).toEqual(ended);
  });

  test('does so, too, with an error of its own', async () => {
    const done: string[] = [];
    const reading = forwardEvents(
      eventsOf(lasting(done), unhurried),
      sinkTo(() => {
        throw new Error('broken reader');
      }),
    );
    await expect(reading).rejects.toThrow('broken reader');
    expect(done).toEqual(ended);
  });

  test('hears nothing of an error that the work ends with, and neither does the process', async () => {
    const unhandled: unknown[] = [];
    const onUnhandled = (reason: unknown): void => {
      unhandled.push(reason);
    };
    process.on('unhandledRejection', onUnhandled);
    try {
      const work: ReportingWork<string, void> = async ({ events, signal }) => {
        await events.push('ready');
        await untilAborted(signal);
        throw new Error('broken end');
      };
      for await (const event of eventsOf(work, unhurried)) if (event === 'ready') break;
      await idle();
      await idle();
    } finally {
      process.off('unhandledRejection', onUnhandled);
    }
    expect(unhandled).toEqual([]);
  });

  test('before the first event begins nothing', async () => {
    const done: string[] = [];
    const log = eventsOf(lasting(done), unhurried);
    await log.return('cancelled');
    await idle();
    expect(done).toEqual([]);
  });
});
