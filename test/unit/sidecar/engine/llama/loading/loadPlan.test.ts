import { describe, expect, it } from 'vitest';
import { planLoad } from '../../../../../../sidecar/engine/llama/loading/loadPlan.ts';
import {
  deviceRoomBeside,
  heldMemory,
  hostRoomBytes,
} from '../../../../../../sidecar/engine/llama/loading/memoryRoom.ts';
import { denseShape, mixtralShape, shapedHeader } from '../../../../../support/modelFiles/shapedHeader.ts';

const gibibyte = 2 ** 30;
const dense = shapedHeader(denseShape);
const wish = {
  contextTokens: 8192,
  cacheType: 'auto',
  batchTokens: 512,
  outputRows: 128,
  besideBytes: 0,
  prefixBytes: 0,
} as const;
const room = { hostBytes: 32 * gibibyte, device: null, extraBuffers: [], loaded: [] };

describe('planLoad', () => {
  it('uses the processor alone without a device', () => {
    const plan = planLoad(dense, wish, room);
    expect(plan).toMatchObject({ contextTokens: 8192, cacheType: 'f16' });
    expect(plan.weights).toEqual({ isMapped: true, deviceLayers: 0, hostPattern: null });
  });

  it('reads weights that the processor wants in another order', () => {
    expect(planLoad(dense, wish, { ...room, extraBuffers: ['CPU_REPACK'] }).weights.isMapped).toBe(false);
  });

  it('fits the context into a device that holds the model, and else into both memories', () => {
    const large = { freeBytes: 3 * gibibyte, count: 1 };
    const free = planLoad(dense, { ...wish, contextTokens: 0 }, { ...room, device: large });
    expect(free.weights.deviceLayers).toBe(29);
    expect(free.contextTokens).toBeLessThan(denseShape.contextTokens);
    const small = planLoad(dense, wish, { ...room, device: { freeBytes: gibibyte, count: 1 } });
    expect(small.contextTokens).toBe(8192);
    expect(small.weights.deviceLayers).toBeLessThan(29);
  });

  it('names the experts that stay in host memory, and reads them', () => {
    const device = { freeBytes: 12 * gibibyte, count: 1 };
    const { weights } = planLoad(shapedHeader(mixtralShape), wish, { ...room, device });
    expect(weights.deviceLayers).toBe(33);
    expect(weights.hostPattern).toContain('exps');
    expect(weights.isMapped).toBe(false);
  });

  it('keeps room for what is loaded beside', () => {
    const tight = { ...room, hostBytes: 2 * gibibyte };
    const alone = planLoad(dense, { ...wish, contextTokens: 0 }, tight);
    const beside = planLoad(dense, { ...wish, contextTokens: 0, besideBytes: 0.4 * gibibyte }, tight);
    expect(beside.contextTokens).toBeLessThan(alone.contextTokens);
  });

  it('gives prefixes without cells what model and context leave, and takes nothing from those', () => {
    const plenty = planLoad(dense, { ...wish, prefixBytes: gibibyte / 4 }, room);
    expect(plenty.prefixBytes).toBe(gibibyte / 4);
    const totalBytes = plenty.prediction.totalBytes;
    const tight = { ...room, hostBytes: totalBytes + 1000 };
    const plan = planLoad(dense, { ...wish, prefixBytes: gibibyte / 4 }, tight);
    expect(plan).toMatchObject({ contextTokens: 8192, cacheType: 'f16', prefixBytes: 1000 });
    // What the model is predicted to take when it is loaded says nothing of them; what it may come to hold does.
    expect(plan.prediction.totalBytes).toBe(totalBytes);
    expect(heldMemory('model', plan, 400)).toMatchObject({ sizeBytes: totalBytes + 1000, untakenBytes: 600 });
  });

  it('takes what is loaded beside off the device, where there is one', () => {
    const device = { freeBytes: 2 * gibibyte, count: 1 };
    const alone = planLoad(dense, wish, { ...room, device });
    const beside = planLoad(dense, { ...wish, besideBytes: 0.6 * gibibyte }, { ...room, device });
    expect(beside.placement.deviceBytes).toBeLessThan(alone.placement.deviceBytes);
    expect(beside.hostBesideBytes).toBe(0);
  });
});

describe('hostRoomBytes', () => {
  const loaded = [{ name: 'one', sizeBytes: 300, mappedBytes: 200, untakenBytes: 0 }];
  const taken = { loaded, elsewhere: [] };

  it('does not count mapped weights as free where the system does', () => {
    expect(hostRoomBytes(1000, taken, { limitBytes: 0, platform: 'linux' })).toBe(800);
    expect(hostRoomBytes(1000, taken, { limitBytes: 0, platform: 'win32' })).toBe(1000);
  });

  it('keeps free what prefixes of the others have not taken yet', () => {
    const filling = [{ name: 'one', sizeBytes: 300, mappedBytes: 0, untakenBytes: 50 }];
    expect(
      hostRoomBytes(1000, { loaded: filling, elsewhere: [] }, { limitBytes: 0, platform: 'linux' }),
    ).toBe(950);
    expect(
      hostRoomBytes(1000, { loaded: filling, elsewhere: [] }, { limitBytes: 400, platform: 'linux' }),
    ).toBe(100);
  });

  it('counts what other processes have mapped in the same way, and not against the limit of this one', () => {
    const both = { loaded, elsewhere: [{ name: 'two', sizeBytes: 500, mappedBytes: 400 }] };
    expect(hostRoomBytes(1000, both, { limitBytes: 0, platform: 'linux' })).toBe(400);
    expect(hostRoomBytes(1000, both, { limitBytes: 600, platform: 'linux' })).toBe(300);
    expect(hostRoomBytes(1000, both, { limitBytes: 0, platform: 'darwin' })).toBe(1000);
  });

  it('leaves to one more model what the others do not take of the limit', () => {
    expect(hostRoomBytes(1000, taken, { limitBytes: 400, platform: 'linux' })).toBe(100);
    expect(hostRoomBytes(1000, taken, { limitBytes: 5000, platform: 'linux' })).toBe(800);
  });
});

describe('deviceRoomBeside', () => {
  const device = { freeBytes: 1000, count: 1 };
  const elsewhere = [{ name: 'two', sizeBytes: 700, mappedBytes: 0 }];

  it('leaves what Metal shares with other processes to them', () => {
    expect(deviceRoomBeside(device, elsewhere, 'darwin')?.freeBytes).toBe(300);
    expect(deviceRoomBeside({ ...device, freeBytes: 500 }, elsewhere, 'darwin')?.freeBytes).toBe(0);
  });

  it('is what the driver says elsewhere', () => {
    expect(deviceRoomBeside(device, elsewhere, 'linux')).toEqual(device);
    expect(deviceRoomBeside(null, elsewhere, 'darwin')).toBeNull();
  });
});
