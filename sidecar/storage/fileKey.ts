import { realpath, stat } from 'node:fs/promises';
import { isRecord } from '../../protocol/isRecord.ts';

/**
 * Which file was at a path, and in which state, without reading it: another file in its place, or the same one after any
 * change, has another key. Integers of 64 bits as text.
 */
export interface FileKey {
  /** Where the file itself lies, with all links resolved. */
  readonly path: string;
  readonly device: string;
  readonly inode: string;
  readonly sizeBytes: string;
  /** The change time, which no program can set back; nanoseconds. */
  readonly changedNs: string;
}

/** The key of a file as it is now. Throws system errors. */
export async function fileKeyOf(path: string): Promise<FileKey> {
  const realPath = await realpath(path);
  const { dev, ino, size, ctimeNs } = await stat(realPath, { bigint: true });
  return {
    path: realPath,
    device: dev.toString(),
    inode: ino.toString(),
    sizeBytes: size.toString(),
    changedNs: ctimeNs.toString(),
  };
}

/** Whether two keys are of one file in one state. Pure. */
export function isSameFile(first: FileKey, second: FileKey): boolean {
  return (
    first.path === second.path &&
    first.device === second.device &&
    first.inode === second.inode &&
    first.sizeBytes === second.sizeBytes &&
    first.changedNs === second.changedNs
  );
}

/** A key from JSON; null for anything else, such as the key of a version that had no device. Pure. */
export function readFileKey(value: unknown): FileKey | null {
  if (!isRecord(value)) return null;
  const { path, device, inode, sizeBytes, changedNs } = value;
  if (typeof path !== 'string' || typeof device !== 'string' || typeof inode !== 'string') return null;
  if (typeof sizeBytes !== 'string' || typeof changedNs !== 'string') return null;
  return { path, device, inode, sizeBytes, changedNs };
}
