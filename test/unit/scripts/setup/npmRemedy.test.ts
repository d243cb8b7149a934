import { expect, it } from 'vitest';
import { npmRemedy } from '../../../../scripts/setup/npmRemedy.mjs';

it.each([
  ['a folder that cannot be written', 'npm error code EROFS\nnpm error path /home/me/.npm', /writable/],
  ['a full disk', 'npm warn tar TAR_ENTRY_ERROR ENOSPC: no space left on device', /disk space/],
  ['a build that failed', 'npm error gyp ERR! build error', /compiler/],
  [
    'a version that a registry lacks',
    'npm error code E404\nnpm error 404 No match found',
    /has this version/,
  ],
  ['a registry out of reach', 'npm error code ECONNREFUSED\nnpm error network', /npm ping/],
])('tells what to do about %s', (_what, output, remedy) => {
  expect(npmRemedy(output)).toMatch(remedy);
});
