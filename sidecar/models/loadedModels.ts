import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { jsonRecord } from '../storage/jsonRecord.ts';
import { type LockOwner, lockOwnerOf, newLockOwner, ownerState } from '../storage/lockOwner.ts';
import { replaceFile } from '../storage/replaceFile.ts';

/** A model file that a process has in memory, or is about to have. */
interface Entry {
  readonly owner: LockOwner;
  /** With all links resolved. */
  readonly model: string;
}

/**
 * Which model files the processes of one store have loaded: a file for each in a folder of the store. It warns of a second copy
 * and prevents none, so nothing depends on it: what cannot be read or written counts as not there.
 */
export class LoadedModels {
  readonly #folder: string;
  readonly #owner = newLockOwner();

  /** `storePath` is the whole store's folder. */
  constructor(storePath: string) {
    this.#folder = path.join(storePath, 'loadedModels');
  }

  /**
   * Says that this process loads a file, and returns the ids of the others on this machine that have it. Of two that begin at
   * once at least one finds the other.
   */
  async enter(modelPath: string): Promise<readonly number[]> {
    try {
      const model = await realpath(modelPath);
      await mkdir(this.#folder, { recursive: true });
      await replaceFile(this.#fileOf(model), JSON.stringify({ owner: this.#owner, model }));
      const entries = await this.#living();
      const others = entries.filter(({ owner }) => owner.processId !== this.#owner.processId);
      return [
        ...new Set(others.filter((entry) => entry.model === model).map(({ owner }) => owner.processId)),
      ];
    } catch {
      return [];
    }
  }

  /** Says that it has the file no longer. */
  async leave(modelPath: string): Promise<void> {
    const model = await realpath(modelPath).catch(() => modelPath);
    await rm(this.#fileOf(model), { force: true }).catch(() => undefined);
  }

  /** Entries of processes that run; those of others are removed. */
  async #living(): Promise<readonly Entry[]> {
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith('.json'));
    const entries = await Promise.all(names.map((name) => this.#read(path.join(this.#folder, name))));
    return entries.filter((entry) => entry !== null);
  }

  async #read(file: string): Promise<Entry | null> {
    const entry = parseEntry(await readFile(file, 'utf8').catch(() => ''));
    // One in another place, such as a container, has memory of its own or is not known of.
    if (entry?.owner.place !== this.#owner.place) return null;
    if (ownerState(entry.owner) !== 'gone') return entry;
    await rm(file, { force: true }).catch(() => undefined);
    return null;
  }

  #fileOf(model: string): string {
    const hash = createHash('sha256').update(model).digest('hex').slice(0, 16);
    return path.join(this.#folder, `${this.#owner.processId}-${hash}.json`);
  }
}

function parseEntry(text: string): Entry | null {
  const { owner: writtenOwner, model } = jsonRecord(text) ?? {};
  const owner = lockOwnerOf(writtenOwner);
  return owner === null || typeof model !== 'string' ? null : { owner, model };
}
