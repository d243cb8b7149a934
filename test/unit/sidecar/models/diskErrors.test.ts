import { expect, test } from 'vitest';
import { CodedError } from '../../../../protocol/codedError.ts';
import { asDiskError, requireSpace } from '../../../../sidecar/models/diskErrors.ts';

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

test.each([
  ['ENOSPC', 'disk.full'],
  ['EDQUOT', 'disk.full'],
  ['EACCES', 'store.unwritable'],
  ['EROFS', 'store.unwritable'],
  ['ENOTDIR', 'store.unwritable'],
])('%s becomes %s', (code, expected) => {
  expect(asDiskError(systemError(code), '/store')).toMatchObject({ code: expected });
});

test('other failures stay what they are', () => {
  const failure = systemError('EIO');
  expect(asDiskError(failure, '/store')).toBe(failure);
  expect(asDiskError('text', '/store')).toBe('text');
});

test('too little space is refused with both figures, and enough passes', () => {
  const reserve = 64 * 1024 * 1024;
  expect(() => {
    requireSpace('/store', 500_000_000, 500_000_000 + reserve);
  }).not.toThrow();
  try {
    requireSpace('/store', 500_000_000, 120_000_000);
    expect.unreachable();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(CodedError);
    expect(thrown).toMatchObject({ code: 'disk.full' });
    expect(String(thrown)).toContain('500.0 MB');
    expect(String(thrown)).toContain('120.0 MB');
  }
});
