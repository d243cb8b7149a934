import { describe, expect, test } from 'vitest';
import { merge, type Merged } from '../../../../sidecar/request/merge.ts';

async function* counting(name: string, count: number): AsyncGenerator<string, string, void> {
  for (let index = 0; index < count; index++) yield await Promise.resolve(`${name}${index}`);
  return `${name} ended`;
}

/** Yields once, then waits for the signal and ends. */
async function* waiting(signal: AbortSignal, log: string[]): AsyncGenerator<string, string, void> {
  yield 'ready';
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
  yield 'last words';
  log.push('ended');
  return 'done';
}

async function* failing(): AsyncGenerator<string, string, void> {
  yield await Promise.resolve('before');
  throw new Error('broken source');
}

async function collect<T, R>(
  merged: AsyncGenerator<Merged<T, R>, void, void>,
): Promise<readonly Merged<T, R>[]> {
  const items: Merged<T, R>[] = [];
  for await (const item of merged) items.push(item);
  return items;
}

function unneeded(): never {
  throw new Error('abandon was called although the merge was read to its end');
}

describe('merge', () => {
  test('yields every value of every source in its order, and what each returned', async () => {
    const items = await collect(merge([counting('a', 2), counting('b', 3)], unneeded));
    const of = (source: number): readonly string[] =>
      items
        .filter((item) => item.source === source)
        .map((item) => (item.type === 'value' ? item.value : item.result));
    expect(of(0)).toEqual(['a0', 'a1', 'a ended']);
    expect(of(1)).toEqual(['b0', 'b1', 'b2', 'b ended']);
  });

  test('gives equally quick sources their turn one after another', async () => {
    const items = await collect(merge([counting('a', 3), counting('b', 3)], unneeded));
    const values = items.flatMap((item) => (item.type === 'value' ? [item.value] : []));
    expect(values).toEqual(['a0', 'b0', 'a1', 'b1', 'a2', 'b2']);
  });

  test('ends at once without sources', async () => {
    expect(await collect(merge([], unneeded))).toEqual([]);
  });

  test('a consumer that leaves early ends every source', async () => {
    const abandonment = new AbortController();
    const log: string[] = [];
    const sources = [waiting(abandonment.signal, log), waiting(abandonment.signal, log)];
    for await (const item of merge(sources, () => {
      abandonment.abort();
    })) {
      expect(item.type).toBe('value');
      break;
    }
    expect(log).toEqual(['ended', 'ended']);
  });

  test('a source that throws ends the others and passes its error on', async () => {
    const abandonment = new AbortController();
    const log: string[] = [];
    const merged = merge([waiting(abandonment.signal, log), failing()], () => {
      abandonment.abort();
    });
    await expect(collect(merged)).rejects.toThrow('broken source');
    expect(log).toEqual(['ended']);
  });
});
