import { mkdir, mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { removeFolder } from '../removeFolder.ts';

/** Empty folders for a command that sees none of the machine's. Their maker disposes them. */
export interface ScratchFolders {
  /** Holds the others. */
  readonly path: string;
  readonly home: string;
  readonly temporary: string;
  readonly sharedMemory: string;
  /** Never rejects. */
  dispose(): Promise<void>;
}

/** On the disk, so that what is written there can be counted. Throws system errors. */
export async function makeScratchFolders(): Promise<ScratchFolders> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'entropane-scratch-')));
  const within = (name: string): string => path.join(folder, name);
  const scratch = {
    path: folder,
    home: within('home'),
    temporary: within('tmp'),
    sharedMemory: within('shm'),
    dispose: () => removeFolder(folder),
  };
  for (const place of [scratch.home, scratch.temporary, scratch.sharedMemory]) await mkdir(place);
  return scratch;
}
