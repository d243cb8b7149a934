import { chmod, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

/** Removes a folder, also what a command has made unwritable in it. What cannot be removed is left; never rejects. */
export async function removeFolder(folder: string): Promise<void> {
  const options = { recursive: true, force: true, maxRetries: 3 } as const;
  await rm(folder, options).catch(async () => {
    await openFolders(folder);
    await rm(folder, options).catch(() => undefined);
  });
}

/** Lets their owner remove what is in a folder and those within it, where it can be let. */
async function openFolders(folder: string): Promise<void> {
  await chmod(folder, 0o700).catch(() => undefined);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await openFolders(path.join(folder, entry.name));
}
