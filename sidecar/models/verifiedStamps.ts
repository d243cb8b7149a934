import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { isRecord } from '../../protocol/isRecord.ts';
import { replaceFile } from '../storage/replaceFile.ts';
import { withWriteLock } from '../storage/withWriteLock.ts';
import { isAbsent } from '../process/systemError.ts';
import type { Clock } from '../process/clock.ts';

/**
 * What a file is known by without reading it. The change time is the system's own: unlike the time of modification, a
 * program cannot set it back.
 */
export interface FileMark {
  /** Where the file itself lies, behind any links. */
  readonly realPath: string;
  readonly device: string;
  readonly inode: string;
  readonly sizeBytes: number;
  readonly changedNs: string;
}

interface VerifiedStamp extends FileMark {
  readonly sha256: string;
}

const stampsVersion = 1;
/** Files that are remembered, the last to be hashed. */
export const mostStamps = 500;

/** The mark that a file has now. Throws system errors. */
export async function markOf(filePath: string): Promise<FileMark> {
  const realPath = await realpath(filePath);
  const { dev, ino, size, ctimeNs } = await stat(realPath, { bigint: true });
  return {
    realPath,
    device: String(dev),
    inode: String(ino),
    sizeBytes: Number(size),
    changedNs: String(ctimeNs),
  };
}

/**
 * SHA-256 of files that were hashed, in one file of the store. A stamp counts while path, inode, size and change time of
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
    const mark = await markOf(filePath).catch(() => null);
    if (mark === null) return null;
    return (await this.#read()).find((stamp) => isSameFile(stamp, mark))?.sha256 ?? null;
  }

  /**
   * Keeps the hash of a file that had this mark before it was read, unless it has another by now. Where the store
   * cannot be written the file is hashed again next time, which loses nothing.
   */
  async keep(filePath: string, mark: FileMark, sha256: string): Promise<void> {
    const now = await markOf(filePath).catch(() => null);
    if (now === null || !isSameFile(now, mark)) return;
    await this.#change(mark.realPath, { ...mark, sha256 });
  }

  /** Forgets what is known of a file, as far as the store can be written. */
  async forget(filePath: string): Promise<void> {
    const mark = await markOf(filePath).catch(() => null);
    if (mark !== null) await this.#change(mark.realPath, null);
  }

  async #change(realPath: string, added: VerifiedStamp | null): Promise<void> {
    try {
      await withWriteLock(this.#file, this.#clock, async () => {
        const others = (await this.#read()).filter((stamp) => stamp.realPath !== realPath);
        const isThere = await Promise.all(others.map((stamp) => isFileThere(stamp.realPath)));
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

function isSameFile(a: FileMark, b: FileMark): boolean {
  return (
    a.realPath === b.realPath &&
    a.device === b.device &&
    a.inode === b.inode &&
    a.sizeBytes === b.sizeBytes &&
    a.changedNs === b.changedNs
  );
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
  if (!isRecord(value)) return null;
  const { realPath, device, inode, sizeBytes, changedNs, sha256 } = value;
  if (typeof realPath !== 'string' || typeof device !== 'string' || typeof inode !== 'string') return null;
  if (typeof sizeBytes !== 'number' || typeof changedNs !== 'string' || typeof sha256 !== 'string')
    return null;
  return { realPath, device, inode, sizeBytes, changedNs, sha256 };
}
