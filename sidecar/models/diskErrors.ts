import { mkdir, statfs } from 'node:fs/promises';
import { CodedError } from '../../protocol/codedError.ts';
import { isDiskFull, systemErrorCode } from '../process/systemError.ts';
import { formatBytes } from './byteText.ts';

/** Left free beside what a download needs, so that filling the store never fills the disk to the last byte. */
const reserveBytes = 64 * 1024 * 1024;

const unwritableCodes: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST']);

/** A failed write as a coded error where its cause is the disk or the folder; anything else comes back as it was. */
export function asDiskError(thrown: unknown, folder: string): unknown {
  const code = systemErrorCode(thrown);
  if (isDiskFull(thrown)) {
    return new CodedError(
      'disk.full',
      `The disk that holds ${folder} became full while writing. What was fetched so far is kept.`,
      'Free space there, or set ENTROPANE_HOME to a folder on another disk, then fetch again.',
      { cause: thrown },
    );
  }
  if (code !== null && unwritableCodes.has(code)) {
    return new CodedError(
      'store.unwritable',
      `The folder ${folder} cannot be written (${code}), so no model can be kept there.`,
      'Make the folder writable, or set ENTROPANE_HOME to one that is.',
      { cause: thrown },
    );
  }
  return thrown;
}

/** Makes the folder. Throws `store.unwritable` or `disk.full`. */
export async function ensureFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (thrown) {
    throw asDiskError(thrown, folder);
  }
}

/** Bytes that this user may still write to the disk of an existing folder. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Throws `disk.full`, naming what is needed and what is there, before a download starts that cannot fit. */
export function requireSpace(folder: string, neededBytes: number, availableBytes: number): void {
  if (availableBytes >= neededBytes + reserveBytes) return;
  const missing = formatBytes(neededBytes + reserveBytes - availableBytes);
  throw new CodedError(
    'disk.full',
    `${formatBytes(neededBytes)} are needed in ${folder}, and ${formatBytes(availableBytes)} are free there.`,
    `Free ${missing}, or set ENTROPANE_HOME to a folder on a larger disk.`,
  );
}
