import { expect, test } from 'vitest';
import {
  countsMappedAsFree,
  freeMemoryOf,
} from '../../../../../../sidecar/engine/llama/loading/freeMemory.ts';

const memory = { freeBytes: 2e9, totalBytes: 16e9, availableBytes: 3e9 };

test.each([
  ['linux', 0, memory, 2e9],
  ['linux', 1e9, memory, 2e9],
  ['linux', 0, { ...memory, availableBytes: 1e9 }, 1e9],
  ['win32', 0, memory, 2e9],
  // What macOS keeps of files can be taken at any time, and not what models have taken.
  ['darwin', 0, memory, 8e9],
  ['darwin', 5e9, memory, 3e9],
  ['darwin', 7e9, memory, 2e9],
  ['darwin', 0, { ...memory, freeBytes: 12e9, availableBytes: 12e9 }, 12e9],
] as const)('on %s, beside models of %d bytes, of %j', (platform, modelBytes, found, freeBytes) => {
  expect(freeMemoryOf(found, { platform, modelBytes })).toBe(freeBytes);
});

test('only Linux counts the pages of a mapped model as free', () => {
  expect((['linux', 'darwin', 'win32'] as const).filter(countsMappedAsFree)).toEqual(['linux']);
});
