import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TraceEvent } from '../../protocol/traceEvent.ts';
import { isAbsent } from '../../sidecar/process/systemError.ts';
import { readTraceFile } from '../../sidecar/trace/traceFile.ts';
import { checkout } from '../support/machine/manifest.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/machine/temporaryFolder.ts';
import { borrowModels } from '../support/sidecar/borrowedModels.ts';
import { CodeServer } from './codeServer.ts';
import { Workbench } from './workbench.ts';

/** Nothing of the editor's own stands between the keyboard and what is tested. */
const quietWorkbench = { 'workbench.startupEditor': 'none', 'chat.disableAIFeatures': true };

/** Packages the extension as it is in the checkout, and returns the path of the VSIX. */
export async function packageVsix(): Promise<string> {
  const script = path.join(checkout, 'scripts/writeVsix.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [script], { cwd: checkout });
  return stdout.trim();
}

/** The packaged extension in a VS Code of its own: sample workspace, own store that borrows the machine's models. */
export class EditorSession implements AsyncDisposable {
  readonly server: CodeServer;
  readonly workbench: Workbench;
  readonly #folder: TemporaryFolder;

  private constructor(folder: TemporaryFolder, server: CodeServer, workbench: Workbench) {
    this.#folder = folder;
    this.server = server;
    this.workbench = workbench;
  }

  static async start(options: {
    readonly vsix: string;
    /** Our settings, by full key. */
    readonly settings: Readonly<Record<string, unknown>>;
    /** Files of the workspace beside the sample's, by path. */
    readonly files?: Readonly<Record<string, string>>;
    /** Commands by the keys that run them. */
    readonly keys?: Readonly<Record<string, string>>;
    /** `none` is a machine that never fetched a model. */
    readonly models: 'machine' | 'none';
    /** Whether the workspace has a second root, `other`. */
    readonly hasOtherRoot?: boolean;
    /** Added to the environment of the extension. */
    readonly env?: Readonly<Record<string, string>>;
    /** Called before the editor is opened. */
    readonly prepare?: (places: { readonly extensions: string; readonly store: string }) => Promise<void>;
  }): Promise<EditorSession> {
    const folder = await temporaryFolder();
    const workspace = path.join(folder.path, 'workspace');
    const store = path.join(folder.path, 'store');
    await cp(path.join(checkout, 'media/sampleWorkspace'), workspace, { recursive: true });
    for (const [name, text] of Object.entries(options.files ?? {}))
      await writeFile(path.join(workspace, name), text);
    if (options.models === 'machine') await borrowModels(store);
    else await mkdir(store);
    const roots = path.join(folder.path, 'roots.code-workspace');
    if (options.hasOtherRoot === true) {
      await mkdir(path.join(folder.path, 'other'));
      await writeFile(roots, JSON.stringify({ folders: [{ path: 'workspace' }, { path: 'other' }] }));
    }
    const server = await CodeServer.start({
      vsix: options.vsix,
      workspace: options.hasOtherRoot === true ? roots : workspace,
      settings: { ...quietWorkbench, ...options.settings },
      keys: options.keys ?? {},
      env: { ...options.env, ENTROPANE_HOME: store },
      ...(options.prepare !== undefined && {
        prepare: async (extensions: string) => options.prepare?.({ extensions, store }),
      }),
    });
    return new EditorSession(folder, server, await Workbench.open(server.url));
  }

  /** Where a file is, by its path below the folder that has the roots of the workspace. */
  pathOf(name: string): string {
    return path.join(this.#folder.path, name);
  }

  /** A file of the workspace as it is on disk. */
  readWorkspaceFile(name: string): Promise<string> {
    return readFile(path.join(this.#folder.path, 'workspace', name), 'utf8');
  }

  async writeWorkspaceFile(name: string, text: string): Promise<void> {
    await writeFile(path.join(this.#folder.path, 'workspace', name), text);
  }

  /** Names of the trace files so far. */
  async traceFiles(): Promise<readonly string[]> {
    try {
      return await readdir(path.join(this.#folder.path, 'store', 'traces'));
    } catch (thrown) {
      if (isAbsent(thrown)) return [];
      throw thrown;
    }
  }

  readTrace(name: string): Promise<readonly TraceEvent[]> {
    return readTraceFile(path.join(this.#folder.path, 'store', 'traces', name));
  }

  /** The files that processes of this store have in memory, with all links resolved, by the id of the process. */
  async loadedModels(): Promise<ReadonlyMap<number, string>> {
    const folder = path.join(this.#folder.path, 'store', 'loadedModels');
    const entries = await Promise.all(
      (await readdir(folder)).map(async (name) => {
        const { owner, model } = JSON.parse(await readFile(path.join(folder, name), 'utf8')) as {
          readonly owner: { readonly processId: number };
          readonly model: string;
        };
        return [owner.processId, model] as const;
      }),
    );
    return new Map(entries);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.workbench.close();
    await this.server.stop();
    await this.#folder[Symbol.asyncDispose]();
  }
}
