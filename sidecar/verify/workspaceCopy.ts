import { constants } from 'node:fs';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  realpath,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A copy of a folder in the machine's temporary one. Whoever made it disposes it. */
export interface WorkspaceCopy {
  readonly path: string;
  /** Removes it, also what a command has made unwritable. What cannot be removed is left to the system; never rejects. */
  dispose(): Promise<void>;
}

export interface CopyLimits {
  readonly fileCount: number;
  readonly bytes: number;
}

/** History, which no test reads. */
const leftOut: ReadonlySet<string> = new Set(['.git', '.hg', '.svn', '.jj']);
/** Installed dependencies, too large to copy: linked, so a command that writes into them writes into the originals. */
const linked: ReadonlySet<string> = new Set(['node_modules', '.venv', 'venv']);

/**
 * Copies a folder, without its history and with links to its installed dependencies. Null when it is larger than the
 * limits, with nothing left behind. A link within the folder becomes one within the copy; one that leads out of it leads
 * to the same place, so a command that writes through it writes into the original. Sockets, pipes and devices are left
 * out. Throws system errors, and the signal's reason when aborted.
 */
export async function copyWorkspace(
  folder: string,
  limits: CopyLimits,
  signal: AbortSignal,
): Promise<WorkspaceCopy | null> {
  const target = await mkdtemp(path.join(tmpdir(), 'entropane-verify-'));
  const dispose = (): Promise<void> => removeFolder(target);
  try {
    const source = await realpath(folder);
    if (await new FolderCopy({ source, target, limits }, signal).copy(source, target))
      return { path: target, dispose };
    await dispose();
    return null;
  } catch (thrown) {
    await dispose();
    throw thrown;
  }
}

async function removeFolder(folder: string): Promise<void> {
  const options = { recursive: true, force: true, maxRetries: 3 } as const;
  await rm(folder, options).catch(async () => {
    await openFolders(folder);
    await rm(folder, options).catch(() => undefined);
  });
}

/** Lets their owner remove what is in a folder and those within it, where it can be let. */
async function openFolders(folder: string): Promise<void> {
  await chmod(folder, 0o700).catch(() => undefined);
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await openFolders(path.join(folder, entry.name));
}

class FolderCopy {
  readonly #source: string;
  readonly #target: string;
  readonly #limits: CopyLimits;
  readonly #signal: AbortSignal;
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
      } else if (entry.isDirectory()) {
        await mkdir(target);
        if (!(await this.copy(source, target))) return false;
      } else if (entry.isSymbolicLink()) {
        await symlink(await this.#linkFor(source), target);
      } else if (entry.isFile()) {
        this.#fileCount += 1;
        this.#bytes += (await stat(source)).size;
        if (this.#fileCount > this.#limits.fileCount || this.#bytes > this.#limits.bytes) return false;
        await copyFile(source, target, constants.COPYFILE_FICLONE);
      }
    }
    return true;
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
