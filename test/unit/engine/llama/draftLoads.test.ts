import { expect, it } from 'vitest';
import { fitBesideDrafts, type CheckedDraft } from '../../../../sidecar/engine/llama/draftLoads.ts';
import { planLoad, type LoadPlan } from '../../../../sidecar/engine/llama/loadPlan.ts';
import { denseShape, shapedHeader } from '../../../support/shapedHeader.ts';

const mebibyte = 2 ** 20;
const header = shapedHeader(denseShape);

/** Loads a 1.5B model, 934 MiB of weights, with a context of this size into a memory of that size. */
function planned(contextTokens: number, hostMebibytes: number): (besideBytes: number) => LoadPlan {
  const wish = { contextTokens, cacheType: 'f16', batchTokens: 512, outputRows: 16 } as const;
  const room = { hostBytes: hostMebibytes * mebibyte, device: null, extraBuffers: [], loaded: [] };
  return (besideBytes) => planLoad(header, { ...wish, besideBytes }, room);
}

function draftOf(sizeBytes: number): CheckedDraft {
  return { type: 'fits', file: { path: '/m/draft.gguf', source: 'draftModel', header, sizeBytes } };
}

it('a draft model leaves the context as asked for while both fit', () => {
  const drafts = [draftOf(300 * mebibyte)];
  const fitted = fitBesideDrafts(planned(4096, 2000), drafts, 2000 * mebibyte);
  expect(fitted.drafts).toBe(drafts);
  expect(fitted.plan).toMatchObject({ contextTokens: 4096, besideBytes: 300 * mebibyte });
});

it('a draft model takes its share before a context of no wished size is fitted', () => {
  const unasked = planned(0, 2000);
  const alone = fitBesideDrafts(unasked, [], 2000 * mebibyte).plan.contextTokens;
  const beside = fitBesideDrafts(unasked, [draftOf(200 * mebibyte)], 2000 * mebibyte).plan.contextTokens;
  // Half of the 200 MiB would have been the context's, at 28 KiB a token.
  expect(alone - beside).toBeCloseTo((100 * mebibyte) / (28 * 1024), -3);
});

it('a draft model that does not fit is refused, and the model loads as it would alone', () => {
  const { plan, drafts } = fitBesideDrafts(planned(4096, 1400), [draftOf(400 * mebibyte)], 1400 * mebibyte);
  expect(plan).toMatchObject({ contextTokens: 4096, besideBytes: 0 });
  expect(drafts).toMatchObject([{ type: 'refused', standing: { error: { code: 'memory.insufficient' } } }]);
});

it('a model that does not fit by itself is refused as without a draft', () => {
  expect(() => fitBesideDrafts(planned(4096, 500), [draftOf(mebibyte)], 500 * mebibyte)).toThrow(
    expect.objectContaining({ code: 'memory.insufficient' }),
  );
});
