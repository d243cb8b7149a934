import { describe, expect, it } from 'vitest';
import { hasProcessGroups, treeEndOf } from '../../../protocol/processTree.ts';

describe.each(['linux', 'darwin'])('on %s', (platform) => {
  it('a signal ends the group that the process leads', () => {
    expect(hasProcessGroups(platform)).toBe(true);
    expect(treeEndOf(41, { platform, variables: {} })).toEqual({ type: 'signal', target: -41 });
  });
});

describe('on win32', () => {
  const platform = 'win32';

  it('there are no groups: a program of the system, by its full path, ends the tree', () => {
    expect(hasProcessGroups(platform)).toBe(false);
    expect(treeEndOf(41, { platform, variables: { SystemRoot: 'D:\\Win' } })).toEqual({
      type: 'program',
      program: 'D:\\Win\\System32\\taskkill.exe',
      parameters: ['/pid', '41', '/T', '/F'],
    });
  });

  it.each([
    [{ SYSTEMROOT: 'E:\\W' }, 'E:\\W\\System32\\taskkill.exe'],
    [{}, 'C:\\Windows\\System32\\taskkill.exe'],
  ])('with %j it is %s', (variables, program) => {
    expect(treeEndOf(41, { platform, variables })).toMatchObject({ program });
  });
});
