import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { LogOutputChannel } from 'vscode';
import { CloseAction, ErrorAction, LanguageClient, RevealOutputChannelOn } from 'vscode-languageclient/node';
import type { InitializationOptions } from '../../protocol/messages.ts';
import { hasProcessGroups, treeEndOf } from '../../protocol/processTree.ts';
import { servedDocuments } from '../config/servedDocuments.ts';
import { SidecarConnection } from './sidecarConnection.ts';
import type { KeptLaunch } from './sidecarKeeper.ts';
import { traceChannel } from './traceChannel.ts';

/** How long a shutdown may take before the process is killed. */
const shutdownTimeoutMs = 2_000;

export interface LaunchOptions {
  /** The bundled sidecar. */
  readonly sidecarPath: string;
  readonly log: LogOutputChannel;
  /** Called once, while the process starts. Never rejects. */
  readonly initialization: () => Promise<InitializationOptions>;
  /** Takes what must not be shown out of a text. */
  readonly clean: (text: string) => string;
}

/**
 * One life of the sidecar: a process and the language client that talks to it. Owns both. The end of the process
 * is the one end: a connection that breaks first has its process killed.
 */
export class SidecarLaunch implements KeptLaunch<SidecarConnection> {
  /** Resolves when the sidecar answers; rejects when it ended before that. */
  readonly started: Promise<SidecarConnection>;
  /** Resolves once, when the process is gone, with how it ended in words. Never rejects. */
  readonly ended: Promise<string>;
  readonly #process: ChildProcess;
  readonly #client: LanguageClient;
  #initialization: InitializationOptions = {};

  constructor(options: LaunchOptions) {
    this.#process = spawnSidecar(options.sidecarPath);
    this.ended = endOf(this.#process);
    this.#client = new QuietLanguageClient(
      'entropane',
      'Entropane',
      () => Promise.resolve({ process: this.#process, detached: false }),
      {
        documentSelector: servedDocuments,
        initializationOptions: () => this.#initialization,
        outputChannel: options.log,
        traceOutputChannel: traceChannel(options.log, options.clean),
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        stdioOptions: {
          stdout: () => undefined,
          stderr: (stream, log) => {
            createInterface({ input: stream }).on('line', (line) => {
              log.info(line);
            });
          },
        },
        initializationFailedHandler: () => false,
        errorHandler: {
          error: () => ({ action: ErrorAction.Continue, handled: true }),
          closed: () => {
            this.kill();
            return { action: CloseAction.DoNotRestart, handled: true };
          },
        },
      },
    );
    this.started = this.#start(options.initialization);
  }

  /** Asks the sidecar to end, kills it when it does not, and resolves when it is gone. */
  async stop(): Promise<void> {
    const killer = setTimeout(() => {
      this.kill();
    }, shutdownTimeoutMs);
    if (this.#client.isRunning()) {
      // A stop that fails or times out leaves nothing to do here: the killer settles it.
      this.#client.stop(shutdownTimeoutMs).catch(() => undefined);
    } else {
      this.#process.kill();
    }
    await this.ended;
    clearTimeout(killer);
  }

  /** Ends the process by force, and with it what it started. */
  kill(): void {
    const { pid } = this.#process;
    const endItself = (): void => void this.#process.kill('SIGKILL');
    if (pid === undefined) endItself();
    else endTree(pid, endItself);
  }

  async #start(initialization: LaunchOptions['initialization']): Promise<SidecarConnection> {
    // No limit of its own: the keeper watches a start as it watches a sidecar that runs. Models load after it.
    const endedFirst = this.ended.then((how) => Promise.reject(new Error(`The engine ${how}.`)));
    try {
      this.#initialization = await Promise.race([initialization(), endedFirst]);
      await Promise.race([this.#client.start(), endedFirst]);
      return new SidecarConnection(this.#client);
    } catch (error) {
      this.kill();
      throw error;
    }
  }
}

/** Ends what the process started, then has the process itself ended: its children are found through it. */
function endTree(processId: number, endItself: () => void): void {
  const treeEnd = treeEndOf(processId, { platform: process.platform, variables: process.env });
  if (treeEnd.type === 'program') {
    const ending = spawn(treeEnd.program, treeEnd.parameters, { stdio: 'ignore', windowsHide: true });
    ending.once('error', endItself);
    ending.once('exit', endItself);
    return;
  }
  try {
    process.kill(treeEnd.target, 'SIGKILL');
  } catch {
    // There is no such group any more.
  }
  endItself();
}

/** The library's client shows a dialog when a start fails; here the status bar says so. */
class QuietLanguageClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }
}

function spawnSidecar(sidecarPath: string): ChildProcess {
  const env: NodeJS.ProcessEnv = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  // Flags meant for the extension host, such as an inspector port, would hit a second process.
  delete env['NODE_OPTIONS'];
  return spawn(process.execPath, [sidecarPath], {
    env,
    stdio: 'pipe',
    // A group of its own, so that what it started ends with it. Its watchdog sees the end of this process.
    detached: hasProcessGroups(process.platform),
    windowsHide: true,
  });
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve(`could not run: ${error.message}`);
    });
    child.once('exit', (code, signal) => {
      resolve(signal === null ? `ended with exit code ${code ?? 'unknown'}` : `was ended by ${signal}`);
    });
  });
}
