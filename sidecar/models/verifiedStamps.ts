import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { isRecord } from '../../protocol/isRecord.ts';
import { fileKeyOf, isSameFile, readFileKey, type FileKey } from '../storage/fileKey.ts';
import { replaceFile } from '../storage/replaceFile.ts';
import { withWriteLock } from '../storage/withWriteLock.ts';
import { isAbsent } from '../process/systemError.ts';
import type { Clock } from '../process/clock.ts';

interface VerifiedStamp extends FileKey {
  readonly sha256: string;
}

const stampsVersion = 2;
/** Files that are remembered, the last to be hashed. */
export const mostStamps = 500;

/**
 * SHA-256 of files that were hashed, in one file of the store. A stamp counts while path, device, inode, size and change time of
 * its file are as they were: nothing that lies beside a model says anything about it. Any number of processes may use
 * the same file at once.
 */
export class VerifiedStamps {
  readonly #file: string;
  readonly #clock: Clock;

  /** `storePath` is the whole store's folder; nothing is made until a hash is kept. */
  constructor(storePath: string, clock: Clock) {
    this.#file = path.join(storePath, 'verifiedFiles.json');
    this.#clock = clock;
  }

  /** SHA-256 that a file had when last hashed; null when it was never hashed, has changed since, or is not there. */
  async hashOf(filePath: string): Promise<string | null> {
    const key = await fileKeyOf(filePath).catch(() => null);
    if (key === null) return null;
    return (await this.#read()).find((stamp) => isSameFile(stamp, key))?.sha256 ?? null;
  }

  /**
   * Keeps the hash of a file that had this key before it was read, unless it has another by now. Where the store
   * cannot be written the file is hashed again next time, which loses nothing.
   */
  async keep(filePath: string, key: FileKey, sha256: string): Promise<void> {
    const now = await fileKeyOf(filePath).catch(() => null);
    if (now === null || !isSameFile(now, key)) return;
    await this.#change(key.path, { ...key, sha256 });
  }

  /** Forgets what is known of a file, as far as the store can be written. */
  async forget(filePath: string): Promise<void> {
    const key = await fileKeyOf(filePath).catch(() => null);
    if (key !== null) await this.#change(key.path, null);
  }

  async #change(realPath: string, added: VerifiedStamp | null): Promise<void> {
    try {
      await withWriteLock(this.#file, this.#clock, async () => {
        const others = (await this.#read()).filter((stamp) => stamp.path !== realPath);
        const isThere = await Promise.all(others.map((stamp) => isFileThere(stamp.path)));
        const kept = others.filter((_, index) => isThere[index]);
        const stamps = [...kept, ...(added === null ? [] : [added])].slice(-mostStamps);
        await replaceFile(this.#file, `${JSON.stringify({ version: stampsVersion, stamps }, null, 1)}\n`);
      });
    } catch {
      // No folder, no space, no permission, or others that write for too long: all cost one hash.
    }
  }

  /** Empty where nothing was kept, or what is there cannot be read. */
  async #read(): Promise<readonly VerifiedStamp[]> {
    try {
      return parseStamps(await readFile(this.#file, 'utf8'));
    } catch {
      return [];
    }
  }
}

/** A file that cannot be looked at, such as one on a disk that is not mounted, may be back later. */
async function isFileThere(filePath: string): Promise<boolean> {
  try {
    await stat(filePath);
    return true;
  } catch (thrown) {
    return !isAbsent(thrown);
  }
}

function parseStamps(text: string): readonly VerifiedStamp[] {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value) || value.version !== stampsVersion || !Array.isArray(value.stamps)) return [];
  return value.stamps.map(parseStamp).filter((stamp) => stamp !== null);
}

function parseStamp(value: unknown): VerifiedStamp | null {
  const key = readFileKey(value);
  if (key === null || !isRecord(value) || typeof value.sha256 !== 'string') return null;
  return { ...key, sha256: value.sha256 };
}
