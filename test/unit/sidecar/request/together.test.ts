import { describe, expect, test } from 'vitest';
import { eventsOf, type ReportingWork, type RunScope } from '../../../../sidecar/request/eventChannel.ts';
import { together } from '../../../../sidecar/request/together.ts';
import { unhurried } from '../../../support/engine/generating.ts';

type Writer = ReportingWork<string, string>;

function run(writer: Writer, scope: RunScope<string>): Promise<string> {
  return writer(scope);
}

function counting(name: string, count: number): Writer {
  return async ({ events }) => {
    for (let index = 0; index < count; index++) await events.push(`${name}${index}`);
    return `${name} ended`;
  };
}

/** Pushes once, then waits for the signal and ends. */
function waiting(log: string[]): Writer {
  return async ({ events, signal }) => {
    await events.push('ready');
    if (!signal.aborted) {
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
    await events.push('last words');
    log.push('ended');
    return 'done';
  };
}

const failing: Writer = async ({ events }) => {
  await events.push('before');
  throw new Error('broken writer');
};

/** What is taken of writers, event by event and end by end. */
async function collect(writers: readonly Writer[]) {
  const taken: string[] = [];
  const results = await together(
    writers,
    run,
    {
      takeEvent: async (event) => {
        taken.push(event);
        await Promise.resolve();
      },
      takeResult: async (result) => {
        taken.push(`result: ${result}`);
        await Promise.resolve();
      },
    },
    unhurried,
  );
  return { taken, results };
}

describe('writers together', () => {
  test('have every event taken in its order, and what each returned', async () => {
    const { taken, results } = await collect([counting('a', 2), counting('b', 3)]);
    expect(taken.filter((event) => /^(result: )?a/u.test(event))).toEqual(['a0', 'a1', 'result: a ended']);
    expect(taken.filter((event) => /^(result: )?b/u.test(event))).toEqual([
      'b0',
      'b1',
      'b2',
      'result: b ended',
    ]);
    expect(results).toEqual(['a ended', 'b ended']);
  });

  test('get their turn one after another where they are equally quick', async () => {
    const { taken } = await collect([counting('a', 3), counting('b', 3)]);
    const events = taken.filter((event) => !event.includes(':'));
    expect(events).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2']);
  });

  test('end at once where there is none', async () => {
    expect(await collect([])).toEqual({ taken: [], results: [] });
  });

  test('wait for their turns: nothing comes between an event and what is done about it', async () => {
    const log: string[] = [];
    const writer =
      (name: string): Writer =>
      async ({ events }) => {
        await events.push(name);
        log.push(`${name} goes on`);
        return name;
      };
    await together(
      [writer('a'), writer('b')],
      run,
      {
        takeEvent: async (event) => {
          log.push(`${event} begins`);
          await new Promise((resolve) => {
            setImmediate(resolve);
          });
          log.push(`${event} is taken`);
        },
      },
      unhurried,
    );
    expect(log.slice(0, 2)).toEqual(['a begins', 'a is taken']);
    expect(log.filter((entry) => entry.startsWith('b'))).toEqual(['b begins', 'b is taken', 'b goes on']);
    expect(log.indexOf('b begins')).toBeGreaterThan(log.indexOf('a is taken'));
  });

  test('end when a reader leaves early', async () => {
    const log: string[] = [];
    const work: ReportingWork<string, readonly string[]> = ({ events, signal }) =>
      together([waiting(log), waiting(log)], run, { takeEvent: (event) => events.push(event) }, signal);
    for await (const event of eventsOf(work, unhurried)) {
      expect(event).toBe('ready');
      break;
    }
    expect(log).toEqual(['ended', 'ended']);
  });

  test('end when one of them throws: its error is passed on, and nothing that comes after it', async () => {
    const log: string[] = [];
    const taken: string[] = [];
    const work = together(
      [waiting(log), failing],
      run,
      {
        takeEvent: async (event) => {
          taken.push(event);
          await Promise.resolve();
        },
      },
      unhurried,
    );
    await expect(work).rejects.toThrow('broken writer');
    expect(log).toEqual(['ended']);
    expect(taken).toEqual(['ready', 'before']);
  });

  test('end when what is done about an event throws', async () => {
    const log: string[] = [];
    const takeEvent = (event: string): Promise<void> => Promise.reject(new Error(`${event} is refused`));
    await expect(together([waiting(log), waiting(log)], run, { takeEvent }, unhurried)).rejects.toThrow(
      'ready is refused',
    );
    expect(log).toEqual(['ended', 'ended']);
  });
});
