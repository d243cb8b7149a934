import { describe, expect, it } from 'vitest';
import {
  describePlacement,
  hostExpertPattern,
  type LayerPlacement,
  placeLayers,
} from '../../../../../../sidecar/engine/llama/loading/layerPlacement.ts';
import {
  denseShape,
  mixtralShape,
  openElmHeader,
  qwenExpertsShape,
  shapedHeader,
} from '../../../../../support/modelFiles/shapedHeader.ts';

const device = { backend: 'CUDA0 (L4)', hasGpu: true };
const gibibyte = 2 ** 30;
const need = { cacheBytes: 0.5 * gibibyte, workingBytes: 0.25 * gibibyte };
const dense = shapedHeader(denseShape);

function placed(header: typeof dense, freeGibibytes: number): LayerPlacement {
  return placeLayers(header, need, { freeBytes: freeGibibytes * gibibyte, count: 1 });
}

describe('placeLayers', () => {
  it('leaves everything to the processor without a device', () => {
    const placement = placeLayers(dense, need, null);
    expect(placement).toMatchObject({ deviceLayers: 0, layers: 29, hostExpertBlocks: [] });
    expect(describePlacement({ backend: 'CPU (zen4)', hasGpu: false }, placement)).toBe('CPU (zen4)');
  });

  it('takes the whole model where it fits', () => {
    const placement = placed(dense, 8);
    expect(placement).toMatchObject({ deviceLayers: 29, layers: 29, hostExpertBlocks: [] });
    expect(hostExpertPattern(placement)).toBeNull();
    expect(describePlacement(device, placement)).toBe('CUDA0 (L4)');
  });

  it('takes the last layers that fit of a dense model, and never more than fit', () => {
    let last = 0;
    for (const freeGibibytes of [0.5, 0.8, 1, 1.2, 1.5, 1.8, 2, 2.5]) {
      const placement = placed(dense, freeGibibytes);
      expect(placement.deviceLayers).toBeGreaterThanOrEqual(last);
      expect(placement.deviceBytes + need.workingBytes).toBeLessThanOrEqual(freeGibibytes * gibibyte);
      expect(placement.hostExpertBlocks).toEqual([]);
      last = placement.deviceLayers;
    }
    expect(placed(dense, 0.5).deviceLayers).toBe(0);
    expect(placed(dense, 1.2).deviceLayers).toBeGreaterThan(1);
    expect(placed(dense, 1.2).deviceLayers).toBeLessThan(29);
    expect(describePlacement(device, placed(dense, 0.5))).toBe('CUDA0 (L4), 0 of 29 layers');
  });

  it.each([
    ['Mixtral', mixtralShape, 12],
    ['Qwen3-MoE', qwenExpertsShape, 8],
  ])(
    'keeps the experts of as few blocks as need be of %s in host memory, from the last on',
    (_name, shape, free) => {
      const header = shapedHeader(shape);
      const placement = placed(header, free);
      const kept = placement.hostExpertBlocks;
      expect(placement.deviceLayers).toBe(shape.blocks + 1);
      expect(kept.length).toBeGreaterThan(0);
      expect(kept.length).toBeLessThan(shape.blocks);
      expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => shape.blocks - kept.length + i));
      // One block fewer would not have fitted.
      const expertBytes = header.tensors
        .filter(({ name }) => name.startsWith(`blk.${kept[0]}.`) && name.includes('_exps'))
        .reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      const room = (free - 0.5) * gibibyte - need.workingBytes;
      expect(placement.deviceBytes).toBeLessThanOrEqual(room);
      expect(placement.deviceBytes + expertBytes).toBeGreaterThan(room);
      expect(describePlacement(device, placement)).toContain(
        `experts of ${kept.length} blocks in host memory`,
      );
    },
  );

  it('takes the last blocks without their experts where the rest of a mixture of experts is too much', () => {
    const placement = placed(shapedHeader(mixtralShape), 1.6);
    const first = 33 - placement.deviceLayers;
    expect(placement.deviceLayers).toBeGreaterThan(1);
    expect(placement.deviceLayers).toBeLessThan(33);
    expect(placement.hostExpertBlocks).toEqual(Array.from({ length: 32 - first }, (_, i) => first + i));
  });

  it('leaves a reserve on each of several devices', () => {
    const one = placeLayers(dense, need, { freeBytes: 2 * gibibyte, count: 1 });
    const three = placeLayers(dense, need, { freeBytes: 2 * gibibyte, count: 3 });
    expect(three.deviceLayers).toBeLessThan(one.deviceLayers);
  });
});

describe('hostExpertPattern', () => {
  const pattern = new RegExp(
    hostExpertPattern({ deviceLayers: 13, layers: 13, hostExpertBlocks: [1, 11], deviceBytes: 0 }) ?? '',
  );

  it.each(['blk.1.ffn_up_exps.weight', 'blk.11.ffn_down_exps.weight', 'blk.1.ffn_gate_up_exps.weight'])(
    'finds %s',
    (name) => {
      expect(pattern.test(name)).toBe(true);
    },
  );

  it.each([
    'blk.2.ffn_up_exps.weight',
    'blk.111.ffn_up_exps.weight',
    'blk.1.ffn_up_shexp.weight',
    'blk.1.ffn_gate_inp.weight',
    'blk.1.attn_q.weight',
  ])('does not find %s', (name) => {
    expect(pattern.test(name)).toBe(false);
  });
});

describe('placeLayers of a model whose blocks differ', () => {
  it('counts the cache of the very blocks that go to the device', () => {
    const layerwise = openElmHeader();
    const { tensors } = layerwise;
    const bytesOf = (isCounted: (name: string) => boolean): number =>
      tensors.reduce((total, { name, sizeBytes }) => total + (isCounted(name) ? sizeBytes : 0), 0);
    const cacheBytes = 630 * 2 ** 20;
    // Room for the output layer and the last block with its 5 of 63 shares of the cache, and for nothing else.
    const blockBytes = bytesOf((name) => name.startsWith('blk.15.')) + (cacheBytes * 5) / 63;
    const outputBytes = bytesOf((name) => name === 'output.weight');
    const freeBytes = 512 * 2 ** 20 + outputBytes + blockBytes;
    const fits = placeLayers(layerwise, { cacheBytes, workingBytes: 0 }, { freeBytes, count: 1 });
    expect(fits.deviceLayers).toBe(2);
    expect(fits.deviceBytes).toBe(outputBytes + blockBytes);
    const tight = placeLayers(layerwise, { cacheBytes, workingBytes: 1 }, { freeBytes, count: 1 });
    expect(tight.deviceLayers).toBe(1);
  });
});
