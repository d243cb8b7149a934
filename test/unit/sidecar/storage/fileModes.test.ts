import { expect, test } from 'vitest';
import { hasFileModes } from '../../../../sidecar/storage/fileModes.ts';

test('the mode of a file says who may read it, but on Windows', () => {
  expect(['linux', 'darwin', 'win32'].map(hasFileModes)).toEqual([true, true, false]);
});
