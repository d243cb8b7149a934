import { expect, test } from 'vitest';
import {
  countsMappedAsFree,
  freeMemoryOf,
} from '../../../../../../sidecar/engine/llama/loading/freeMemory.ts';

const memory = { freeBytes: 2e9, totalBytes: 16e9, availableBytes: 3e9 };

test.each([
  ['linux', memory, 2e9],
  ['linux', { ...memory, availableBytes: 1e9 }, 1e9],
  ['win32', memory, 2e9],
  // What macOS keeps of files can be taken at any time.
  ['darwin', memory, 8e9],
  ['darwin', { ...memory, freeBytes: 12e9, availableBytes: 12e9 }, 12e9],
] as const)('on %s, of %j', (platform, found, freeBytes) => {
  expect(freeMemoryOf(found, platform)).toBe(freeBytes);
});

test('only Linux counts the pages of a mapped model as free', () => {
  expect((['linux', 'darwin', 'win32'] as const).filter(countsMappedAsFree)).toEqual(['linux']);
});
