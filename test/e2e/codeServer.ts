import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startEditorServer } from '../../scripts/editor/editorServer.mjs';
import { codeServer } from '../support/machine/testTools.ts';
import { filesBelow } from '../support/server/askingProgram.ts';
import { parentOf } from './parentOf.ts';

/** A VS Code served to the loopback interface, with the VSIX in it and folders of its own. */
export class CodeServer {
  readonly url: string;
  readonly #folder: string;
  readonly #process: ChildProcess;

  private constructor(url: string, folder: string, process: ChildProcess) {
    this.url = url;
    this.#folder = folder;
    this.#process = process;
  }

  /** `env` is added to this process's environment and reaches the extension. */
  static async start(options: {
    readonly vsix: string;
    readonly workspace: string;
    readonly settings: Readonly<Record<string, unknown>>;
    /** Commands by the keys that run them. */
    readonly keys?: Readonly<Record<string, string>>;
    readonly env: Readonly<Record<string, string>>;
    /** Called with the folder of installed extensions before any is started. */
    readonly prepare?: (extensions: string) => Promise<void>;
  }): Promise<CodeServer> {
    const profile = await mkdtemp(path.join(os.tmpdir(), 'entropane-editor-'));
    const userFolder = path.join(profile, 'user', 'User');
    // An editor in a browser reads settings of a machine, such as the model, from a file of their own.
    for (const folder of [userFolder, path.join(profile, 'user', 'Machine')]) {
      await mkdir(folder, { recursive: true });
      await writeFile(path.join(folder, 'settings.json'), JSON.stringify(options.settings));
    }
    const bindings = Object.entries(options.keys ?? {}).map(([key, command]) => ({ key, command }));
    await writeFile(path.join(userFolder, 'keybindings.json'), JSON.stringify(bindings));
    const server = await startEditorServer({ ...options, rig: codeServer(), profile });
    await options.prepare?.(path.join(profile, 'extensions'));
    return new CodeServer(server.url, profile, server.process);
  }

  /** The extension's own log so far. */
  async extensionLog(): Promise<string> {
    const logs = path.join(this.#folder, 'user', 'logs');
    const names = await readdir(logs, { recursive: true });
    const log = names.filter((name) => path.basename(name) === 'Entropane.log').at(-1);
    return log === undefined ? '' : readFile(path.join(logs, log), 'utf8');
  }

  /** Texts of the files that the editor keeps for its user, by path: settings, state, logs. */
  userFiles(): Promise<ReadonlyMap<string, string>> {
    return filesBelow(path.join(this.#folder, 'user'));
  }

  /** Process ids of the sidecars that this server's extension runs now. */
  async sidecarPids(): Promise<readonly number[]> {
    const extensions = path.join(this.#folder, 'extensions');
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const commands = await Promise.all(
      pids.map(async (pid) => {
        // A process may end between the listing and the reading.
        const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
        return {
          pid: Number(pid),
          isSidecar: command.includes(extensions) && command.includes('sidecar.cjs'),
        };
      }),
    );
    return commands.filter(({ isSidecar }) => isSidecar).map(({ pid }) => pid);
  }

  /** Whether a process was started by this server, or by one that it has started. */
  async hasStarted(pid: number): Promise<boolean> {
    for (let at = pid; at > 1; at = await parentOf(at)) if (at === this.#process.pid) return true;
    return false;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill();
    await ended;
    // Extensions of the editor's own may write for a moment after it has ended.
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
