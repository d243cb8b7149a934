import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  CancellationTokenSource,
  createProtocolConnection,
  ProgressType,
  type ProtocolConnection,
  ResponseError,
  StreamMessageReader,
  StreamMessageWriter,
  type TextDocumentContentChangeEvent,
  type WorkspaceFolder,
} from 'vscode-languageserver/node';
import { CodedError, isErrorData } from '../../protocol/codedError.ts';
import type { Health } from '../../protocol/health.ts';
import type {
  InitializationOptions,
  PartialResults,
  RequestMethod,
  Requests,
  ServerEntry,
  SidecarSettings,
} from '../../protocol/messages.ts';
import { hasProcessGroups } from '../../protocol/processTree.ts';
import { onAbort } from '../process/onAbort.ts';

export interface SidecarClientOptions {
  /** Path of the sidecar's bundle, run with this process's own Node. */
  readonly sidecarPath: string;
  readonly settings: Partial<SidecarSettings>;
  /** Servers that it may send to, beside this machine's models. None when absent. */
  readonly servers?: readonly ServerEntry[];
  /** Whether a model of this machine answers while a server is away, as in the editor. False when absent. */
  readonly fallsBack?: boolean;
  /** The workspace of its requests; null for none. */
  readonly workspaceFolder?: string | null;
  /** A line that the sidecar wrote on standard error. */
  readonly onLog: (line: string) => void;
  readonly onHealth?: (health: Health) => void;
}

type BatchOf<M extends RequestMethod> = M extends keyof PartialResults ? PartialResults[M] : never;

export interface RequestOptions<M extends RequestMethod> {
  readonly signal: AbortSignal;
  readonly onPartial?: (batch: BatchOf<M>) => void;
}

/** How long the sidecar may take to end in order before it is killed. */
const shutdownTimeoutMs = 5000;
/** Lines of the log kept to explain a sidecar that ended by itself. */
const keptLogLines = 5;

/**
 * A sidecar process of one's own, driven through its protocol as an editor would. Its caller disposes it.
 * Requests throw the `CodedError` that the sidecar answered with, or `sidecar.gone` when it ended meanwhile.
 */
export class SidecarClient {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #connection: ProtocolConnection;
  readonly #exit: Promise<CodedError>;
  #nextToken = 0;

  private constructor(child: ChildProcessWithoutNullStreams, options: SidecarClientOptions) {
    this.#child = child;
    const lastLines: string[] = [];
    readLines(child, (line) => {
      lastLines.push(line);
      if (lastLines.length > keptLogLines) lastLines.shift();
      options.onLog(line);
    });
    this.#exit = new Promise((resolve) => {
      child.once('error', (error) => {
        resolve(goneError(error.message, lastLines));
      });
      child.once('exit', (code, signal) => {
        resolve(goneError(signal ?? `exit code ${code ?? 'unknown'}`, lastLines));
      });
    });
    // Writing to a process that has ended fails here; the exit above is what requests report.
    child.stdin.on('error', () => undefined);
    this.#connection = createProtocolConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    const { onHealth } = options;
    if (onHealth !== undefined) this.#connection.onNotification('entropane/health/changed', onHealth);
    this.#connection.onError(() => undefined);
    this.#connection.listen();
  }

  /** Starts the process and shakes hands. Does not wait for a model. Throws `sidecar.gone`. */
  static async start(options: SidecarClientOptions): Promise<SidecarClient> {
    const child = spawn(process.execPath, [options.sidecarPath, '--stdio'], {
      stdio: 'pipe',
      // A group of its own: Ctrl-C in the terminal is this process's to act on, which ends requests in order.
      detached: hasProcessGroups(process.platform),
      windowsHide: true,
    });
    const client = new SidecarClient(child, options);
    const { settings, servers = [], fallsBack = false } = options;
    const initializationOptions: InitializationOptions = { settings, servers, fallsBack };
    try {
      await client.#send('initialize', {
        processId: process.pid,
        rootUri: null,
        workspaceFolders: workspaceFolders(options.workspaceFolder ?? null),
        capabilities: {},
        initializationOptions,
      });
      await client.#connection.sendNotification('initialized', {});
      return client;
    } catch (thrown) {
      await client.dispose();
      throw thrown;
    }
  }

  /** The sidecar's process; undefined when it could not be started. */
  get processId(): number | undefined {
    return this.#child.pid;
  }

  /** Sends a request. Aborting cancels it natively; the sidecar's answer to that is still awaited. */
  async request<M extends RequestMethod>(
    method: M,
    params: Requests[M]['params'],
    { signal, onPartial }: RequestOptions<M>,
  ): Promise<Requests[M]['result']> {
    const cancellation = new CancellationTokenSource();
    const cancel = () => {
      cancellation.cancel();
    };
    const stopListening = onAbort(signal, cancel);
    if (signal.aborted) cancel();
    const token = `cli-${this.#nextToken++}`;
    const progress =
      onPartial && this.#connection.onProgress(new ProgressType<BatchOf<M>>(), token, onPartial);
    try {
      const sent = onPartial === undefined ? params : { ...params, partialResultToken: token };
      return await this.#send<Requests[M]['result']>(method, sent, cancellation);
    } finally {
      progress?.dispose();
      stopListening();
      cancellation.dispose();
    }
  }

  async openDocument(document: {
    readonly uri: string;
    readonly languageId: string;
    readonly text: string;
  }): Promise<void> {
    await this.#connection.sendNotification('textDocument/didOpen', {
      textDocument: { ...document, version: 1 },
    });
  }

  /** Applies changes in order, each to what the one before left. */
  async changeDocument(
    uri: string,
    version: number,
    contentChanges: readonly TextDocumentContentChangeEvent[],
  ): Promise<void> {
    await this.#connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges,
    });
  }

  async closeDocument(uri: string): Promise<void> {
    await this.#connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  }

  /** Ends the process: in order when it answers in time, otherwise by force. Idempotent. */
  async dispose(): Promise<void> {
    const isEnded = () => this.#child.exitCode !== null || this.#child.signalCode !== null;
    if (isEnded()) return;
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), shutdownTimeoutMs);
    try {
      await this.#send('shutdown', undefined);
      await this.#connection.sendNotification('exit');
    } catch {
      this.#child.kill();
    }
    await this.#exit;
    clearTimeout(killer);
    this.#connection.dispose();
  }

  async #send<R>(method: string, params: unknown, cancellation?: CancellationTokenSource): Promise<R> {
    // Without a token its place must be left out: JSON-RPC would send an `undefined` as a parameter of its own.
    const answer =
      cancellation === undefined
        ? this.#connection.sendRequest<R>(method, params ?? null)
        : this.#connection.sendRequest<R>(method, params ?? null, cancellation.token);
    const gone = this.#exit.then((error) => {
      throw error;
    });
    try {
      return await Promise.race([answer, gone]);
    } catch (thrown) {
      answer.catch(() => undefined);
      throw fromResponse(thrown, { isStopped: cancellation?.token.isCancellationRequested === true });
    }
  }
}

function readLines(child: ChildProcessWithoutNullStreams, onLine: (line: string) => void): void {
  let rest = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  });
}

/** What a request throws for an error that came over the wire. `isStopped`: the user ended it, and nothing failed. */
export function fromResponse(thrown: unknown, { isStopped }: { readonly isStopped: boolean }): unknown {
  if (!(thrown instanceof ResponseError)) return thrown;
  const data: unknown = thrown.data;
  if (isErrorData(data)) {
    if (isStopped && data.code === 'cancelled') return stopped(thrown);
    return CodedError.fromData(data);
  }
  return new CodedError('engine.failed', thrown.message, 'Open the log and report this as a bug.', {
    cause: thrown,
  });
}

function stopped(cause: unknown): CodedError {
  return new CodedError(
    'cancelled',
    'You stopped it before there was a result.',
    'Run the same command again to start over.',
    { cause },
  );
}

function goneError(how: string, lastLines: readonly string[]): CodedError {
  const said = lastLines.length > 0 ? ` Its last words: ${lastLines.join(' | ')}` : '';
  return new CodedError('sidecar.gone', `The sidecar process ended (${how}).${said}`, 'Try again.');
}

function workspaceFolders(folder: string | null): WorkspaceFolder[] | null {
  return folder === null ? null : [{ uri: pathToFileURL(folder).href, name: path.basename(folder) }];
}
