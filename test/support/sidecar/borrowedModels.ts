import { copyFile, mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { machineStorePath } from '../../../sidecar/models/machineStore.ts';
import { modelsFolderOf } from '../../../sidecar/models/storePath.ts';

/**
 * Makes a store in a folder that is there or not, with this machine's models linked in and what is known of them:
 * traces stay in it, but a model removed from it would be gone from the machine.
 */
export async function borrowModels(storePath: string): Promise<void> {
  const machineStore = machineStorePath({ storePath: '', environment: process.env });
  await mkdir(storePath, { recursive: true });
  await symlink(modelsFolderOf(machineStore), modelsFolderOf(storePath), 'dir');
  const [from, to] = [machineStore, storePath].map((store) => path.join(store, 'verifiedFiles.json'));
  // A store whose models were put there by hand has none.
  await copyFile(from ?? '', to ?? '').catch(() => undefined);
}
