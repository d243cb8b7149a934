import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { removeFromStore } from '../../../../sidecar/models/removeFromStore.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

const busy = () => Promise.reject(Object.assign(new Error('in use'), { code: 'EBUSY' }));
const pause = () => Promise.resolve();

test('a file, a folder and what is not there are gone afterwards', async () => {
  await using folder = await temporaryFolder();
  const wheels = path.join(folder.path, 'wheels');
  await mkdir(wheels);
  await writeFile(path.join(wheels, 'one'), '');
  await removeFromStore(wheels);
  await removeFromStore(wheels);
  expect(await readdir(folder.path)).toEqual([]);
});

test('a model that a process has loaded cannot go on Windows, which the error says', async () => {
  const removing = removeFromStore('model.gguf', { platform: 'win32', remove: busy, pause });
  await expect(removing).rejects.toMatchObject({ code: 'store.unwritable' });
});

test.each(['linux', 'darwin'] as const)('on %s an error is passed on as it is', async (platform) => {
  const removing = removeFromStore('model.gguf', { platform, remove: busy, pause });
  await expect(removing).rejects.toMatchObject({ code: 'EBUSY' });
});
