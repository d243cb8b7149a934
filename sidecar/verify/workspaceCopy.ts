import { constants } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readlink, realpath, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { removeFolder } from './removeFolder.ts';

/** A copy of a folder in the machine's temporary one. Its maker disposes it. */
export interface WorkspaceCopy {
  /** Its real path. */
  readonly path: string;
  /** Real paths of the installed packages that it has links to. */
  readonly packageFolders: readonly string[];
  /** Removes it, also what a command has made unwritable. What cannot be removed is left to the system; never rejects. */
  dispose(): Promise<void>;
}

export interface CopyLimits {
  readonly fileCount: number;
  readonly bytes: number;
}

/** History, which no test reads. */
const leftOut: ReadonlySet<string> = new Set(['.git', '.hg', '.svn', '.jj']);
/** Installed packages, too large to copy: linked as a whole, so a command that writes into one writes into the original. */
const linked: ReadonlySet<string> = new Set(['.venv', 'venv']);
/** Installed packages that tools add to while they run: a folder of the copy's own, with a link to each package. */
const linkedByEntry = 'node_modules';
/** What tools keep in there for themselves, and make anew. A link would have them write into the original. */
const caches: ReadonlySet<string> = new Set(['.cache', '.vite', '.vite-temp', '.vitest', '.tmp']);

/**
 * Copies a folder, without its history and with links to its installed packages. Null when it is larger than the
 * limits, and leaves nothing. A link within the folder becomes one within the copy; one that leads out of it leads
 * to the same place, so a command that writes through it writes into the original. Sockets, pipes and devices are left
 * out. Throws system errors, and the signal's reason when aborted.
 */
export async function copyWorkspace(
  folder: string,
  limits: CopyLimits,
  signal: AbortSignal,
): Promise<WorkspaceCopy | null> {
  const target = await realpath(await mkdtemp(path.join(tmpdir(), 'entropane-verify-')));
  const dispose = (): Promise<void> => removeFolder(target);
  try {
    const source = await realpath(folder);
    const copy = new FolderCopy({ source, target, limits }, signal);
    if (await copy.copy(source, target))
      return { path: target, packageFolders: copy.packageFolders, dispose };
    await dispose();
    return null;
  } catch (thrown) {
    await dispose();
    throw thrown;
  }
}

class FolderCopy {
  readonly #source: string;
  readonly #target: string;
  readonly #limits: CopyLimits;
  readonly #signal: AbortSignal;
  /** Real paths. */
  readonly packageFolders: string[] = [];
  #fileCount = 0;
  #bytes = 0;

  constructor(
    {
      source,
      target,
      limits,
    }: { readonly source: string; readonly target: string; readonly limits: CopyLimits },
    signal: AbortSignal,
  ) {
    this.#source = source;
    this.#target = target;
    this.#limits = limits;
    this.#signal = signal;
  }

  /** Returns false when a limit was reached. */
  async copy(from: string, to: string): Promise<boolean> {
    for (const entry of await readdir(from, { withFileTypes: true })) {
      this.#signal.throwIfAborted();
      const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
      if (leftOut.has(entry.name)) continue;
      if (entry.isDirectory() && linked.has(entry.name)) {
        await symlink(source, target, 'junction');
        this.packageFolders.push(source);
      } else if (entry.isDirectory() && entry.name === linkedByEntry) {
        this.packageFolders.push(source);
        await this.#linkEntries(source, target);
      } else if (entry.isDirectory()) {
        await mkdir(target);
        if (!(await this.copy(source, target))) return false;
      } else if (entry.isSymbolicLink()) {
        await this.#copyLink(source, target);
      } else if (entry.isFile()) {
        this.#fileCount += 1;
        this.#bytes += (await stat(source)).size;
        if (this.#fileCount > this.#limits.fileCount || this.#bytes > this.#limits.bytes) return false;
        await copyFile(source, target, constants.COPYFILE_FICLONE);
      }
    }
    return true;
  }

  /** A scope is a folder of packages, so it is made anew as well. Files there are few and small. */
  async #linkEntries(from: string, to: string): Promise<void> {
    await mkdir(to);
    for (const entry of await readdir(from, { withFileTypes: true })) {
      this.#signal.throwIfAborted();
      const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
      if (caches.has(entry.name)) continue;
      if (entry.isDirectory() && entry.name.startsWith('@')) await this.#linkEntries(source, target);
      else if (entry.isDirectory()) await symlink(source, target, 'junction');
      else if (entry.isSymbolicLink()) await this.#copyLink(source, target);
      else if (entry.isFile()) await copyFile(source, target, constants.COPYFILE_FICLONE);
    }
  }

  /** Copies a link. A sandbox has to show where it leads, if it is a folder of packages itself. */
  async #copyLink(source: string, target: string): Promise<void> {
    await symlink(await this.#linkFor(source), target);
    const name = path.basename(source);
    if (name !== linkedByEntry && !linked.has(name)) return;
    const leadsTo = await realpath(source).catch(() => null);
    if (leadsTo !== null) this.packageFolders.push(leadsTo);
  }

  /** Where the copy of a link leads. */
  async #linkFor(source: string): Promise<string> {
    const text = await readlink(source);
    const leadsTo = path.resolve(path.dirname(source), text);
    const folder = await realpath(path.dirname(leadsTo)).catch(() => path.dirname(leadsTo));
    const within = path.relative(this.#source, path.join(folder, path.basename(leadsTo)));
    if (path.isAbsolute(within) || within.split(path.sep)[0] === '..') return leadsTo;
    return path.isAbsolute(text) ? path.join(this.#target, within) : text;
  }
}
