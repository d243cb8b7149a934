import { describe, expect, it } from 'vitest';
import { isMachineShort } from '../../../../sidecar/modelHosting/memoryPressure.ts';

const plenty = { totalBytes: 16e9, freeBytes: 8e9 };
const little = { totalBytes: 16e9, freeBytes: 0.1e9 };

describe('a machine is short of memory', () => {
  it.each([
    ['1\n', little, false],
    ['2\n', plenty, true],
    ['4\n', plenty, true],
    ['', plenty, false],
    ['unknown', little, false],
  ])('on macOS as its level of pressure says: %j', async (level, memory, isShort) => {
    const sources = {
      platform: 'darwin',
      memory: () => memory,
      readLevel: () => Promise.resolve(level),
    } as const;
    expect(await isMachineShort(sources)).toBe(isShort);
  });

  it('not on a macOS that does not answer', async () => {
    const readLevel = () => Promise.reject(new Error('no sysctl'));
    expect(await isMachineShort({ platform: 'darwin', memory: () => little, readLevel })).toBe(false);
  });

  it.each(['linux', 'win32'] as const)('on %s as its free memory says', async (platform) => {
    const readLevel = () => Promise.reject(new Error('asked'));
    expect(await isMachineShort({ platform, memory: () => little, readLevel })).toBe(true);
    expect(await isMachineShort({ platform, memory: () => plenty, readLevel })).toBe(false);
  });
});
