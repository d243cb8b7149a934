import { describe, expect, it } from 'vitest';
import { readBatchedSpeed } from '../../../bench/baselines/llamaBatchedBench.ts';
import { readSpeed } from '../../../bench/baselines/llamaBench.ts';

describe('llama-bench', () => {
  it('tells its speed in the JSON of one test', () => {
    expect(readSpeed('[{"n_gen": 128, "avg_ts": 51.25, "stddev_ts": 0}]')).toBe(51.25);
  });

  it.each(['[]', '{"avg_ts": 1}'])('is refused for %s', (output) => {
    expect(() => readSpeed(output)).toThrow(expect.objectContaining({ code: 'engine.failed' }));
  });
});

describe('llama-batched-bench', () => {
  it('tells its decode speed in one line of JSON among others', () => {
    const row = '{"n_kv_max": 512, "pp": 40, "tg": 64, "pl": 4, "speed_pp": 250.5, "speed_tg": 120.25}';
    expect(readBatchedSpeed(`\n${row}\n\nllama_perf: done\n`)).toBe(120.25);
  });

  it.each(['llama_perf: done', '{"speed": 1}'])('is refused for %s', (output) => {
    expect(() => readBatchedSpeed(output)).toThrow(expect.objectContaining({ code: 'engine.failed' }));
  });
});
