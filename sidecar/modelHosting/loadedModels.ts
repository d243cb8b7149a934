import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, realpath, rm, stat } from 'node:fs/promises';
import { uptime } from 'node:os';
import path from 'node:path';
import { isRecord } from '../../protocol/isRecord.ts';
import type { ModelMemory } from '../engine/engine.ts';
import type { Clock } from '../process/clock.ts';
import { withFileLock } from '../storage/fileLock.ts';
import { jsonRecord } from '../storage/jsonRecord.ts';
import { type LockOwner, lockOwnerOf, newLockOwner, ownerState } from '../storage/lockOwner.ts';
import { replaceFile } from '../storage/replaceFile.ts';

/** How often a process that waits for its turn to load looks again. */
const pollMs = 100;
/** The longest wait for a turn: somebody else's load may hang. */
const mostTurnWaitMs = 30_000;

/** A model file that a process has in memory, or is about to have. */
interface Entry {
  readonly owner: LockOwner;
  /** With all links resolved. */
  readonly model: string;
  /** What it takes: before it is loaded, its file. Null in an entry of an earlier release. */
  readonly memory: ModelMemory | null;
}

/**
 * Which model files the processes of one store have loaded, and what these take: a file for each in a folder of the store. A
 * folder that cannot be read or written counts as empty, so that a model is loaded all the same.
 */
export class LoadedModels {
  readonly #folder: string;
  readonly #clock: Pick<Clock, 'now' | 'date'>;
  readonly #mostWaitMs: number;
  readonly #owner = newLockOwner();
  /** What the loaded models of this process take, by their files. */
  readonly #held = new Map<string, ModelMemory>();

  /** `storePath` is the whole store's folder. */
  constructor(storePath: string, clock: Pick<Clock, 'now' | 'date'>, mostWaitMs = mostTurnWaitMs) {
    this.#folder = path.join(storePath, 'loadedModels');
    this.#clock = clock;
    this.#mostWaitMs = mostWaitMs;
  }

  /**
   * Says that this process loads a file, and returns the ids of the others on this machine that have it. Of two that begin at
   * once at least one finds the other.
   */
  async enter(modelPath: string): Promise<readonly number[]> {
    try {
      const model = await realpath(modelPath);
      const { size } = await stat(model);
      const file = { name: path.basename(model), sizeBytes: size, mappedBytes: size };
      await this.#write(model, this.#held.get(model) ?? file);
      const others = (await this.#others()).filter((entry) => entry.model === model);
      return [...new Set(others.map(({ owner }) => owner.processId))];
    } catch {
      return [];
    }
  }

  /**
   * Loads while no other process of the store does, so that each finds the memory as the one before has left it. `load` gets
   * what the models of the others take, and says with `taken` what its own does. Loads all the same after
   * `mostTurnWaitMs`; `onWait` is called once where it waits. Throws what `load` throws, and the abort reason.
   */
  async inTurn<T>(
    modelPath: string,
    turn: {
      readonly load: (elsewhere: readonly ModelMemory[]) => Promise<T>;
      readonly taken: (loaded: T) => ModelMemory;
      readonly onWait: () => void;
    },
    signal: AbortSignal,
  ): Promise<T> {
    const state: { begun: Promise<T> | null; hasWaited: boolean } = { begun: null, hasWaited: false };
    const loadNow = async (): Promise<T> => {
      const loaded = await turn.load(await this.#elsewhere(modelPath));
      await this.#keep(modelPath, turn.taken(loaded)).catch(() => undefined);
      return loaded;
    };
    const work = (): Promise<T> => (state.begun ??= loadNow());
    const onWait = (): void => {
      if (!state.hasWaited) turn.onWait();
      state.hasWaited = true;
    };
    const limit = new AbortController();
    const timer = setTimeout(() => {
      limit.abort();
    }, this.#mostWaitMs);
    try {
      await mkdir(this.#folder, { recursive: true });
      const options = { clock: this.#clock, pollMs, onWait };
      const ended = AbortSignal.any([signal, limit.signal]);
      return await withFileLock(path.join(this.#folder, 'turn.lock'), options, work, ended);
    } catch (thrown) {
      if (state.begun === null && signal.aborted) throw thrown;
      // The turn could not be had, or not be given back: neither is a failure of the load.
      return await work();
    } finally {
      clearTimeout(timer);
    }
  }

  /** Says that it has the file no longer. */
  async leave(modelPath: string): Promise<void> {
    const model = await realpath(modelPath).catch(() => modelPath);
    this.#held.delete(model);
    await rm(this.#fileOf(model), { force: true }).catch(() => undefined);
  }

  /** What the models of other processes take. Pages that are mapped from this very file are shared with them. */
  async #elsewhere(modelPath: string): Promise<readonly ModelMemory[]> {
    try {
      const model = await realpath(modelPath);
      return (await this.#others()).flatMap(({ memory, ...entry }) => {
        if (memory === null) return [];
        return entry.model === model ? { ...memory, mappedBytes: 0 } : memory;
      });
    } catch {
      return [];
    }
  }

  async #keep(modelPath: string, memory: ModelMemory): Promise<void> {
    const model = await realpath(modelPath);
    this.#held.set(model, memory);
    await this.#write(model, memory);
  }

  /** `model` with all links resolved. */
  async #write(model: string, memory: ModelMemory): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    await replaceFile(this.#fileOf(model), JSON.stringify({ owner: this.#owner, model, memory }));
  }

  /** Entries of other processes that run; those of processes that have ended are removed. */
  async #others(): Promise<readonly Entry[]> {
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith('.json'));
    const entries = await Promise.all(names.map((name) => this.#read(path.join(this.#folder, name))));
    return entries
      .filter((entry) => entry !== null)
      .filter(({ owner }) => owner.processId !== this.#owner.processId);
  }

  async #read(file: string): Promise<Entry | null> {
    const entry = parseEntry(await readFile(file, 'utf8').catch(() => ''));
    // One in another place, such as a container, has memory of its own or is not known of.
    if (entry?.owner.place !== this.#owner.place) return null;
    const startMs = this.#clock.date().getTime() - uptime() * 1000;
    const writtenMs = (await stat(file).catch(() => null))?.mtimeMs ?? 0;
    // Where the system does not say when a process started, its number may have a new owner since the machine's start.
    if (ownerState(entry.owner) !== 'gone' && writtenMs >= startMs) return entry;
    await rm(file, { force: true }).catch(() => undefined);
    return null;
  }

  #fileOf(model: string): string {
    const hash = createHash('sha256').update(model).digest('hex').slice(0, 16);
    return path.join(this.#folder, `${this.#owner.processId}-${hash}.json`);
  }
}

function parseEntry(text: string): Entry | null {
  const { owner: writtenOwner, model, memory } = jsonRecord(text) ?? {};
  const owner = lockOwnerOf(writtenOwner);
  return owner === null || typeof model !== 'string' ? null : { owner, model, memory: memoryOf(memory) };
}

function memoryOf(value: unknown): ModelMemory | null {
  if (!isRecord(value)) return null;
  const { name, sizeBytes, mappedBytes } = value;
  if (typeof name !== 'string' || typeof sizeBytes !== 'number' || typeof mappedBytes !== 'number')
    return null;
  return { name, sizeBytes, mappedBytes };
}
