import { stat } from 'node:fs/promises';

/**
 * Which file was at a path, and in which state: another file in its place, or the same one after any change, has another
 * key. Integers of 64 bits as text.
 */
export interface FileKey {
  readonly path: string;
  readonly inode: string;
  readonly sizeBytes: string;
  /** The change time, which no program can set back; nanoseconds. */
  readonly changedNs: string;
}

/** The key of a file as it is now. Throws system errors. */
export async function fileKeyOf(path: string): Promise<FileKey> {
  const { ino, size, ctimeNs } = await stat(path, { bigint: true });
  return { path, inode: ino.toString(), sizeBytes: size.toString(), changedNs: ctimeNs.toString() };
}

/** Whether two keys are of one file in one state. Pure. */
export function isSameFile(first: FileKey, second: FileKey): boolean {
  return (
    first.path === second.path &&
    first.inode === second.inode &&
    first.sizeBytes === second.sizeBytes &&
    first.changedNs === second.changedNs
  );
}
