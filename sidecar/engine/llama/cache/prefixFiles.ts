import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { mkdir, open, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { moveFile } from '../../../storage/moveFile.ts';
import { ownerOnly } from '../../../storage/replaceFile.ts';
import type { TokenId } from '../../engine.ts';
import { PrefixStore, type RunPart } from './prefixStore.ts';

/** First bytes of a file, with the version of its layout. */
const magic = 'EPREFIX1';
/** Magic, then start, token count and state bytes as 32-bit numbers, little endian, then SHA-256 of what follows. */
const headBytes = magic.length + 3 * 4 + 32;
const extension = '.prefix';
/** Ending of files that are being written, and the age from which on nobody is: their writer has died. */
const partExtension = '.part';
const abandonedMs = 10 * 60_000;

export interface PrefixFilesOptions {
  /** Folder of this workspace's files; other workspaces have folders beside it. Made when it is missing. */
  readonly folder: string;
  /** What a state depends on: model, cache type, release of llama.cpp. Each has a folder of its own. */
  readonly key: string;
  readonly budgetBytes: number;
  /** The present: separates files that are being written from those left half written, and orders them by last use. */
  readonly date: () => Date;
}

/** A run in a file. */
export interface PrefixFile {
  readonly path: string;
}

/**
 * Runs of cells on disk. A file is whole or absent: it is written beside its place and moved there. Files that are
 * damaged or not ours are removed. They hold what the user wrote, in a form that can be turned back into text, so only
 * the user may read them (mode 0600 in a folder of 0700).
 */
export class PrefixFiles {
  readonly #folder: string;
  readonly #date: () => Date;
  readonly #store: PrefixStore<PrefixFile>;
  /** Files being written; nothing waits for them but `settled`. */
  readonly #writing = new Map<string, Promise<void>>();

  private constructor(
    folder: string,
    { budgetBytes, date }: Pick<PrefixFilesOptions, 'budgetBytes' | 'date'>,
  ) {
    this.#folder = folder;
    this.#date = date;
    this.#store = new PrefixStore(budgetBytes, ({ path }) => {
      removeIfPossible(path);
    });
  }

  /** The same, or null with a word to `log` where the folder cannot be used: no model needs it. */
  static async openIfPossible(
    options: PrefixFilesOptions,
    log: (line: string) => void,
  ): Promise<PrefixFiles | null> {
    try {
      return await PrefixFiles.open(options);
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      log(`Prefixes are not kept on disk: ${reason}. Check the folder, or switch prefixes on disk off.`);
      return null;
    }
  }

  /** Looks through what is there, oldest first, reading heads and tokens but no state. Rejects as the system does. */
  static async open({ folder, key, budgetBytes, date }: PrefixFilesOptions): Promise<PrefixFiles> {
    const own = join(folder, createHash('sha256').update(key).digest('hex').slice(0, 32));
    await mkdir(own, { recursive: true, mode: 0o700 });
    const files = new PrefixFiles(own, { budgetBytes, date });
    const paths = (await readdir(own)).map((name) => join(own, name));
    const known = await Promise.all(
      paths.map(async (path) => {
        // Another window may remove any file at any time.
        const found = await stat(path).catch(() => null);
        return found === null ? [] : [{ path, usedMs: found.mtimeMs }];
      }),
    );
    for (const { path, usedMs } of known.flat().toSorted((a, b) => a.usedMs - b.usedMs)) {
      const isBeingWritten = path.endsWith(partExtension) && date().getTime() - usedMs < abandonedMs;
      if (!isBeingWritten) await files.#admit(path);
    }
    return files;
  }

  /** Bytes of all states on disk. */
  get bytes(): number {
    return this.#store.bytes;
  }

  has(tokens: readonly TokenId[], start: number): boolean {
    return this.#store.has(tokens, start);
  }

  parts(tokens: readonly TokenId[], from: number): readonly RunPart<PrefixFile>[] {
    return this.#store.parts(tokens, from);
  }

  /** Writes a run in the background; found once it is whole. A disk that is full or read-only keeps nothing. */
  keep(tokens: readonly TokenId[], start: number, state: Uint8Array): void {
    const path = join(this.#folder, `${nameOf(tokens, start)}${extension}`);
    if (!this.#store.canKeep(state.length) || this.#writing.has(path)) return;
    const writing = this.#write(path, tokens, start, state)
      .catch(() => undefined)
      .finally(() => this.#writing.delete(path));
    this.#writing.set(path, writing);
  }

  /** The state of a run; null when the file is gone or not what was written, and then it is not offered again. */
  read(part: RunPart<PrefixFile>): Uint8Array | null {
    const { path } = part.run.content;
    const bytes = readOrNull(path);
    const state = bytes === null ? null : stateOf(bytes);
    if (state === null) {
      this.forget(part);
      return null;
    }
    const usedAt = this.#date();
    void utimes(path, usedAt, usedAt).catch(() => undefined);
    return state;
  }

  /** Removes a file that proved useless. */
  forget({ run }: RunPart<PrefixFile>): void {
    this.#store.forget(run);
  }

  /** Removes every file. */
  clear(): void {
    this.#store.clear();
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await Promise.all(this.#writing.values());
  }

  async #write(path: string, tokens: readonly TokenId[], start: number, state: Uint8Array): Promise<void> {
    const part = `${path}.${randomUUID()}${partExtension}`;
    try {
      await writeFile(part, encode(tokens, start, state), { mode: ownerOnly, flag: 'wx' });
      await moveFile(part, path);
    } finally {
      await rm(part, { force: true });
    }
    this.#store.add(tokens, { start, end: tokens.length, sizeBytes: state.length, content: { path } });
  }

  async #admit(path: string): Promise<void> {
    const head = path.endsWith(extension) ? await readHead(path) : null;
    if (head === null) {
      await rm(path, { force: true, recursive: true }).catch(() => undefined);
      return;
    }
    const { tokens, start, stateBytes } = head;
    this.#store.add(tokens, { start, end: tokens.length, sizeBytes: stateBytes, content: { path } });
  }
}

interface Head {
  readonly start: number;
  readonly tokens: readonly TokenId[];
  readonly stateBytes: number;
}

function nameOf(tokens: readonly TokenId[], start: number): string {
  return createHash('sha256')
    .update(Int32Array.of(start, ...tokens))
    .digest('hex')
    .slice(0, 32);
}

function encode(tokens: readonly TokenId[], start: number, state: Uint8Array): Uint8Array {
  const text = new Uint8Array(Int32Array.from(tokens).buffer);
  const head = Buffer.alloc(headBytes);
  head.write(magic, 'latin1');
  head.writeUInt32LE(start, 8);
  head.writeUInt32LE(tokens.length, 12);
  head.writeUInt32LE(state.length, 16);
  createHash('sha256').update(text).update(state).digest().copy(head, 20);
  return Buffer.concat([head, text, state]);
}

/** Head and tokens of a file that is as long as it says; null for any other. */
async function readHead(path: string): Promise<Head | null> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return null;
  try {
    const { size } = await file.stat();
    const head = Buffer.alloc(headBytes);
    await file.read(head, 0, headBytes, 0);
    const sizes = sizesOf(head, size);
    if (sizes === null) return null;
    const tokens = new Int32Array(sizes.tokenCount);
    await file.read(new Uint8Array(tokens.buffer), 0, tokens.byteLength, headBytes);
    return { start: sizes.start, stateBytes: sizes.stateBytes, tokens: [...tokens] };
  } catch {
    return null;
  } finally {
    await file.close();
  }
}

function sizesOf(head: Buffer, fileBytes: number) {
  if (head.length < headBytes || head.toString('latin1', 0, magic.length) !== magic) return null;
  const start = head.readUInt32LE(8);
  const tokenCount = head.readUInt32LE(12);
  const stateBytes = head.readUInt32LE(16);
  const isWhole = fileBytes === headBytes + tokenCount * 4 + stateBytes;
  return isWhole && start < tokenCount ? { start, tokenCount, stateBytes } : null;
}

function stateOf(file: Buffer): Uint8Array | null {
  const sizes = sizesOf(file, file.length);
  if (sizes === null) return null;
  const digest = createHash('sha256').update(file.subarray(headBytes)).digest();
  if (!digest.equals(file.subarray(20, headBytes))) return null;
  // Copied, so that it begins a buffer of its own that does not move.
  return new Uint8Array(file.subarray(headBytes + sizes.tokenCount * 4));
}

/** On a disk that became read-only a file stays; it is not offered again by this process. */
function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    return;
  }
}

function readOrNull(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}
