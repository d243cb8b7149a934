import { expect, it } from 'vitest';
import {
  type CheckedDraft,
  fitBesideDrafts,
} from '../../../../../../sidecar/engine/llama/drafting/draftLoads.ts';
import {
  type LoadPlan,
  type LoadRequest,
  planLoad,
} from '../../../../../../sidecar/engine/llama/loading/loadPlan.ts';
import { denseShape, shapedHeader } from '../../../../../support/modelFiles/shapedHeader.ts';

const mebibyte = 2 ** 20;
const header = shapedHeader(denseShape);

/** Loads a 1.5B model, 934 MiB of weights, with a context of this size into a memory of that size. */
function planned(
  contextTokens: number,
  hostMebibytes: number,
  cacheType: LoadRequest['cacheType'] = 'f16',
): (besideBytes: number) => LoadPlan {
  const wish = { contextTokens, cacheType, batchTokens: 512, outputRows: 16, prefixBytes: 0 };
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
  expect(fitted.plan).toMatchObject({ contextTokens: 4096, hostBesideBytes: 300 * mebibyte });
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
  expect(plan).toMatchObject({ contextTokens: 4096, hostBesideBytes: 0 });
  expect(drafts).toMatchObject([{ type: 'refused', result: { error: { code: 'memory.insufficient' } } }]);
});

it('a draft model that fits only beside a cache of less exact numbers is refused, for it would change the text', () => {
  // 8,192 tokens take 224 MiB in 16-bit floats, and half as much in 8 bits.
  const plan = planned(8192, 1400, 'auto');
  const draft = draftOf(200 * mebibyte);
  expect(plan(0).cacheType).toBe('f16');
  expect(plan(200 * mebibyte).cacheType).not.toBe('f16');
  const fitted = fitBesideDrafts(plan, [draft], 1400 * mebibyte);
  expect(fitted.plan).toMatchObject({ cacheType: 'f16', contextTokens: 8192 });
  expect(fitted.drafts).toMatchObject([
    { type: 'refused', result: { error: { code: 'memory.insufficient' } } },
  ]);
});

it('a draft model that would push layers off the device is refused', () => {
  const device = { freeBytes: 2000 * mebibyte, count: 1 };
  const wish = {
    contextTokens: 8192,
    cacheType: 'f16',
    batchTokens: 512,
    outputRows: 16,
    prefixBytes: 0,
  } as const;
  const room = { hostBytes: 8000 * mebibyte, device, extraBuffers: [], loaded: [] };
  const plan = (besideBytes: number): LoadPlan => planLoad(header, { ...wish, besideBytes }, room);
  expect(plan(0).placement.deviceLayers).toBe(29);
  expect(plan(400 * mebibyte).placement.deviceLayers).toBeLessThan(29);
  const fitted = fitBesideDrafts(plan, [draftOf(400 * mebibyte)], 1488 * mebibyte);
  expect(fitted.plan.placement.deviceLayers).toBe(29);
  expect(fitted.drafts).toMatchObject([{ type: 'refused' }]);
});

it('a model that does not fit by itself is refused as without a draft', () => {
  expect(() => fitBesideDrafts(planned(4096, 500), [draftOf(mebibyte)], 500 * mebibyte)).toThrow(
    expect.objectContaining({ code: 'memory.insufficient' }),
  );
});
