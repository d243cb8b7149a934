import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { reasoningOptions } from '../../../../../lab/bench/reasoning/reasoningFlags.ts';
import { UsageError } from '../../../../../sidecar/cli/command.ts';

const places = { rawFolder: 'raw', storePath: 'store' };

describe('options of the reasoning suite', () => {
  it('are twenty questions without an adapter or a table, unless a run says otherwise', () => {
    expect(reasoningOptions({}, places)).toMatchObject({
      limit: 20,
      seeds: 1,
      adapter: null,
      tableFile: null,
    });
    expect(reasoningOptions({ limit: '0' }, places).limit).toBe(Infinity);
  });

  it('name an adapter and what it counts', () => {
    const adapter = path.resolve('terse.gguf');
    expect(reasoningOptions({ adapter: 'terse.gguf' }, places).adapter).toEqual({ path: adapter, scale: 1 });
    expect(reasoningOptions({ adapter: 'terse.gguf', 'adapter-scale': '0.5' }, places).adapter).toEqual({
      path: adapter,
      scale: 0.5,
    });
  });

  it.each([
    ['a scale without an adapter', { 'adapter-scale': '0.5' }],
    ['a scale out of its range', { adapter: 'terse.gguf', 'adapter-scale': '3' }],
    ['a table of what an adapter changes', { adapter: 'terse.gguf', 'write-table': 'table.json' }],
    ['a row twice', { strategies: 'direct,direct' }],
  ])('refuse %s', (_what, values) => {
    expect(() => reasoningOptions(values, places)).toThrow(UsageError);
  });
});
