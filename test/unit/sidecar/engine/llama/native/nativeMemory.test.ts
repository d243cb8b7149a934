import { expect, test } from 'vitest';
import { cLibraryOf } from '../../../../../../sidecar/engine/llama/native/nativeMemory.ts';

test.each([
  ['linux', { file: null, takesAdvice: true }],
  ['darwin', { file: null, takesAdvice: false }],
  ['win32', { file: 'msvcrt.dll', takesAdvice: false }],
] as const)('the C library of %s is in %j', (platform, library) => {
  expect(cLibraryOf(platform)).toEqual(library);
});
