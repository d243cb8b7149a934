import { expect, test } from 'vitest';
import { chooseFlavour, requestedGpus, type Machine } from '../../../../scripts/setup/llamaFlavour.mjs';
import { gpuChoices } from '../../../../sidecar/engine/llama/native/requestedGpu.ts';
import pins from '../../../../scripts/setup/llamaLibrary.json' with { type: 'json' };

test('set-up and engine know the same kinds of GPU', () => {
  expect(requestedGpus).toEqual(gpuChoices);
});

const plain: Machine = {
  platform: 'linux',
  arch: 'x64',
  hasGlibc: true,
  requestedGpu: 'auto',
  hasNvidiaDriver: false,
  hasCudaRuntime: false,
};

test.each<[Partial<Machine>, string]>([
  [{}, 'linux-x64'],
  [{ hasNvidiaDriver: true }, 'linux-x64'],
  [{ hasNvidiaDriver: true, hasCudaRuntime: true }, 'linux-x64-cuda'],
  [{ hasNvidiaDriver: true, hasCudaRuntime: true, requestedGpu: 'none' }, 'linux-x64'],
  [{ requestedGpu: 'vulkan' }, 'linux-x64-vulkan'],
  [{ requestedGpu: 'cuda' }, 'linux-x64-cuda'],
  [{ arch: 'arm64' }, 'linux-arm64'],
  [{ platform: 'darwin', arch: 'arm64', hasGlibc: false }, 'mac-arm64-metal'],
  [{ platform: 'darwin', hasGlibc: false }, 'mac-x64'],
  [{ platform: 'win32', hasGlibc: false }, 'win-x64'],
  [{ platform: 'win32', hasGlibc: false, requestedGpu: 'vulkan' }, 'win-x64-vulkan'],
  [{ platform: 'win32', hasGlibc: false, hasNvidiaDriver: true, hasCudaRuntime: true }, 'win-x64-cuda'],
  [{ platform: 'win32', arch: 'arm64', hasGlibc: false, requestedGpu: 'cuda' }, 'win-arm64'],
])('%j takes %s, which is pinned', (difference, flavour) => {
  expect(chooseFlavour({ ...plain, ...difference })).toMatchObject({ type: 'chosen', flavour });
  expect(Object.keys(pins.packages)).toContain(flavour);
});

test.each<Partial<Machine>>([
  // Bindings write pointers of eight bytes.
  { arch: 'arm' },
  { platform: 'freebsd' },
  { hasGlibc: false },
  { arch: 'riscv64' },
])('%j has none, and is told why', (difference) => {
  const choice = chooseFlavour({ ...plain, ...difference });
  expect(choice.type).toBe('unsupported');
  expect(choice.why.length).toBeGreaterThan(20);
});
