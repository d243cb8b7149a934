import { expect, test } from 'vitest';
import { findStorePath, modelsFolderOf } from '../../../../sidecar/models/storePath.ts';

const windows = { platform: 'win32', homeFolder: 'C:\\Users\\ada', variables: {} } as const;
const linux = { platform: 'linux', homeFolder: '/home/ada', variables: {} } as const;

test('ENTROPANE_HOME decides on every platform', () => {
  for (const platform of ['linux', 'darwin'] as const) {
    const variables = { ENTROPANE_HOME: '/data/models', XDG_DATA_HOME: '/elsewhere' };
    expect(findStorePath({ platform, homeFolder: '/home/ada', variables })).toBe('/data/models');
  }
  const variables = { ENTROPANE_HOME: 'D:/models', LOCALAPPDATA: 'C:\\Elsewhere' };
  expect(findStorePath({ ...windows, variables })).toBe('D:\\models');
});

test('each platform has its own place', () => {
  expect(findStorePath(linux)).toBe('/home/ada/.local/share/entropane');
  expect(findStorePath({ ...linux, variables: { XDG_DATA_HOME: '/xdg' } })).toBe('/xdg/entropane');
  expect(findStorePath({ ...linux, platform: 'darwin' })).toBe(
    '/home/ada/Library/Application Support/entropane',
  );
  expect(findStorePath({ ...windows, variables: { LOCALAPPDATA: 'E:\\Local' } })).toBe(
    'E:\\Local\\entropane',
  );
  expect(findStorePath(windows)).toBe('C:\\Users\\ada\\AppData\\Local\\entropane');
});

test('an empty variable counts as unset', () => {
  const variables = { ENTROPANE_HOME: '', XDG_DATA_HOME: '' };
  expect(findStorePath({ ...linux, variables })).toBe('/home/ada/.local/share/entropane');
});

test('models lie in a folder of their own', () => {
  expect(modelsFolderOf('/store')).toBe('/store/models');
});
