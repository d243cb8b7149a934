import { expect, it } from 'vitest';
import { fitBesideDrafts, type CheckedDraft } from '../../../../sidecar/engine/llama/draftLoads.ts';

const mebibyte = 2 ** 20;
const header = { version: 3, metadata: new Map(), tensors: [], alignment: 32, dataOffset: 0 } as const;
const need = {
  weightsBytes: 400 * mebibyte,
  cacheBytesPerToken: 10_240,
  trainingContextTokens: 32_768,
  contextTokens: 4096,
  availableBytes: 1000 * mebibyte,
};

function draftOf(sizeBytes: number): CheckedDraft {
  return { type: 'fits', file: { path: '/m/draft.gguf', source: 'draftModel', header, sizeBytes } };
}

it('a draft model leaves the context as asked for while both fit', () => {
  const drafts = [draftOf(300 * mebibyte)];
  expect(fitBesideDrafts(need, drafts)).toEqual({ contextTokens: 4096, drafts });
});

it('a draft model takes its share before a context of no wished size is fitted', () => {
  const unasked = { ...need, contextTokens: 0 };
  const alone = fitBesideDrafts(unasked, []).contextTokens;
  const beside = fitBesideDrafts(unasked, [draftOf(200 * mebibyte)]).contextTokens;
  // Half of the 200 MiB would have been the context's.
  expect(alone - beside).toBeCloseTo((100 * mebibyte) / need.cacheBytesPerToken, -3);
});

it('a draft model that does not fit is refused, and the model loads as it would alone', () => {
  const { contextTokens, drafts } = fitBesideDrafts(need, [draftOf(400 * mebibyte)]);
  expect(contextTokens).toBe(4096);
  expect(drafts).toMatchObject([{ type: 'refused', standing: { error: { code: 'memory.insufficient' } } }]);
});

it('a model that does not fit by itself is refused as without a draft', () => {
  const tight = { ...need, availableBytes: 500 * mebibyte };
  expect(() => fitBesideDrafts(tight, [draftOf(mebibyte)])).toThrow(
    expect.objectContaining({ code: 'memory.insufficient' }),
  );
});

it('drafts stand where the memory cannot be known', () => {
  const drafts = [draftOf(9e12)];
  expect(fitBesideDrafts({ ...need, availableBytes: null }, drafts).drafts).toBe(drafts);
});
