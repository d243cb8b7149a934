import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { isBuilt, removeBuildStamp, stampBuild } from '../../../../scripts/setup/buildStamp.mjs';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

it('holds for the same inputs while every output is there', async () => {
  await using folder = await temporaryFolder();
  const view = path.join(folder.path, 'webview', 'replay.js');
  await mkdir(path.dirname(view));
  await writeFile(path.join(folder.path, 'cli.cjs'), '');
  await writeFile(view, '');
  expect(await isBuilt(folder.path, 'a')).toBe(false);

  await stampBuild(folder.path, 'a');
  expect(await isBuilt(folder.path, 'a')).toBe(true);
  expect(await isBuilt(folder.path, 'b')).toBe(false);

  await rm(view);
  expect(await isBuilt(folder.path, 'a')).toBe(false);
});

it('is gone while a build is under way', async () => {
  await using folder = await temporaryFolder();
  await stampBuild(folder.path, 'a');
  await removeBuildStamp(folder.path);
  expect(await isBuilt(folder.path, 'a')).toBe(false);
});
