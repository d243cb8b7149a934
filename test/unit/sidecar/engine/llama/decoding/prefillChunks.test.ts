import { describe, expect, it } from 'vitest';
import { batchTokens } from '../../../../../../sidecar/engine/llama/decoding/batchPlanner.ts';
import {
  callAfterAbort,
  callAfterSuccess,
  PrefillChunks,
} from '../../../../../../sidecar/engine/llama/decoding/prefillChunks.ts';

describe('PrefillChunks', () => {
  it('comes to chunks of the target times from what calls cost', () => {
    const chunks = new PrefillChunks(896);
    for (let i = 0; i < 50; i++) chunks.note(64, 64 * 2);
    expect(chunks.limits).toEqual({ prefillTokens: 192, prefillTokensBesideDecode: 48 });
  });

  it('begin with the measured speed where there is one', () => {
    expect(new PrefillChunks(896).limits.prefillTokens).toBe(80);
    expect(new PrefillChunks(896, 2).limits.prefillTokens).toBe(192);
  });

  it('shortens calls far behind the beginning, where attention takes longest, and none on a GPU', () => {
    const chunks = new PrefillChunks(896);
    expect([0, 500, 1000, 4000, 100_000].map((at) => chunks.mostAt(at))).toEqual([512, 448, 272, 80, 64]);
    expect(new PrefillChunks(1536).mostAt(0)).toBe(512);
    expect(new PrefillChunks(1536).mostAt(1000)).toBeLessThan(chunks.mostAt(1000));
    expect(new PrefillChunks(null).mostAt(100_000)).toBe(batchTokens);
  });

  it('hardly heeds a call of few tokens, which costs more for each', () => {
    const chunks = new PrefillChunks(896);
    for (let i = 0; i < 50; i++) chunks.note(64, 64 * 2);
    chunks.note(2, 60);
    expect(chunks.limits.prefillTokens).toBeGreaterThanOrEqual(160);
  });
});

describe('the call of a prompt that gives way', () => {
  it('is halved by each loss down to a tile, and grows back', () => {
    expect(callAfterAbort(batchTokens)).toBe(256);
    expect(callAfterAbort(100)).toBe(48);
    expect(callAfterAbort(5)).toBe(16);
    expect([16, 256, batchTokens].map(callAfterSuccess)).toEqual([32, 512, batchTokens]);
  });
});
