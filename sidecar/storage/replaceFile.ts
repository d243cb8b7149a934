import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { moveFile } from './moveFile.ts';

/** Mode of files with a user's own text: nobody else may read them. */
export const ownerOnly = 0o600;

/**
 * Puts content in the place of a file's, whose folder must exist: it is there whole, or as it was before. The mode is
 * the process's own unless given. Throws system errors as they come, with nothing left beside the file.
 */
export async function replaceFile(
  filePath: string,
  content: string | Uint8Array,
  options: { readonly mode?: number } = {},
): Promise<void> {
  // A name of its own: two writers of one file must not remove each other's part.
  const part = `${filePath}.part-${randomUUID()}`;
  try {
    await writeFile(part, content, options);
    await moveFile(part, filePath);
  } catch (thrown) {
    await rm(part, { force: true }).catch(() => undefined);
    throw thrown;
  }
}
