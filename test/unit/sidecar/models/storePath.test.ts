import { expect, test } from 'vitest';
import { findStorePath, modelsFolderOf } from '../../../../sidecar/models/storePath.ts';

const linux = { platform: 'linux', homeFolder: '/home/ada', variables: {} } as const;

test('ENTROPANE_HOME decides on every platform', () => {
  for (const platform of ['linux', 'darwin', 'win32'] as const) {
    const variables = { ENTROPANE_HOME: '/data/models', XDG_DATA_HOME: '/elsewhere' };
    expect(findStorePath({ platform, homeFolder: '/home/ada', variables })).toBe('/data/models');
  }
});

test('each platform has its own place', () => {
  expect(findStorePath(linux)).toBe('/home/ada/.local/share/entropane');
  expect(findStorePath({ ...linux, variables: { XDG_DATA_HOME: '/xdg' } })).toBe('/xdg/entropane');
  expect(findStorePath({ ...linux, platform: 'darwin' })).toBe(
    '/home/ada/Library/Application Support/entropane',
  );
  expect(findStorePath({ ...linux, platform: 'win32', variables: { LOCALAPPDATA: '/c/local' } })).toBe(
    '/c/local/entropane',
  );
});

test('an empty variable counts as unset', () => {
  const variables = { ENTROPANE_HOME: '', XDG_DATA_HOME: '' };
  expect(findStorePath({ ...linux, variables })).toBe('/home/ada/.local/share/entropane');
});

test('models lie in a folder of their own', () => {
  expect(modelsFolderOf('/store')).toBe('/store/models');
});
