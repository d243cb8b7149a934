import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { newLockOwner } from '../../sidecar/storage/lockOwner.ts';
import { installedModelPath } from '../support/engine/realEngine.ts';
import { temporaryFolder } from '../support/machine/temporaryFolder.ts';
import { SidecarProcess } from '../support/sidecar/sidecarProcess.ts';

const settings = { model: 'smollm2-135m', contextTokens: 512 };

test('the second process that loads a file says that it is in memory twice, before it loads it', async () => {
  await using first = await SidecarProcess.ready({ settings });
  await using second = await SidecarProcess.ready({ settings });
  const warning = new RegExp(`will be in memory more than once: .*\\b${first.child.pid ?? 0}\\b`, 'u');
  const health = second.healths.at(-1);
  expect(health?.state === 'ready' ? health.notes.filter((note) => warning.test(note)) : []).toHaveLength(1);
  expect(second.stderr.search(warning)).toBeGreaterThan(-1);
  expect(second.stderr.search(warning)).toBeLessThan(second.stderr.search(/loaded .*smollm/iu));
});

test('memory that another process has mapped is not free for a model, and the refusal names that process', async () => {
  await using store = await temporaryFolder();
  const folder = path.join(store.path, 'loadedModels');
  await mkdir(folder);
  const memory = { name: 'enormous', sizeBytes: 2 ** 50, mappedBytes: 2 ** 50 };
  const entry = { owner: newLockOwner(), model: path.join(store.path, 'enormous.gguf'), memory };
  await writeFile(path.join(folder, 'other.json'), JSON.stringify(entry));
  const model = await installedModelPath('smollm2-135m');
  await using sidecar = new SidecarProcess({ settings: { ...settings, model, storePath: store.path } });
  await sidecar.initialize();
  await sidecar.whenHealth('failed');
  expect(sidecar.healths.at(-1)).toMatchObject({ error: { code: 'memory.insufficient' } });
  expect(JSON.stringify(sidecar.healths.at(-1))).toContain('enormous (another process)');
});
