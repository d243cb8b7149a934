import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import path from 'node:path';
import {
  CancellationTokenSource,
  createProtocolConnection,
  ProgressType,
  type ProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { languageIdOf } from '../../../sidecar/verify/codeLanguage.ts';
import type { Health } from '../../../protocol/health.ts';
import type {
  AskParams,
  AskResult,
  RequestMethod,
  Requests,
  SidecarSettings,
} from '../../../protocol/messages.ts';
import type { TraceEvent } from '../../../protocol/traceEvent.ts';

const root = path.resolve(import.meta.dirname, '../../..');

/** For a start, and for what a model writes: generous, since waiting costs nothing when all is well. */
const [startMs, workMs] = [60_000, 180_000];

export interface SidecarOptions {
  readonly settings?: Partial<SidecarSettings>;
  /** Added to this process's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: the built one. */
  readonly sidecarPath?: string;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * The built sidecar as a process, with a client on its streams. Everything waited for has a deadline, after which
 * the wait fails with what the sidecar last wrote to standard error. Disposing kills it.
 */
export class SidecarProcess implements AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  readonly connection: ProtocolConnection;
  readonly exited: Promise<ProcessExit>;
  readonly healths: Health[] = [];
  stderr = '';
  readonly #options: SidecarOptions;
  readonly #watchers = new Set<() => void>();
  #tokens = 0;

  constructor(options: SidecarOptions = {}) {
    this.#options = options;
    const { sidecarPath = path.join(root, 'dist/sidecar.cjs') } = options;
    this.child = spawn(process.execPath, [sidecarPath, '--stdio'], {
      stdio: 'pipe',
      env: { ...process.env, ...options.environment },
    });
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.#look();
    });
    this.child.stdin.on('error', () => undefined);
    this.exited = new Promise((resolve) => {
      this.child.once('exit', (code, signal) => {
        resolve({ code, signal });
      });
    });
    this.connection = createProtocolConnection(
      new StreamMessageReader(this.child.stdout),
      new StreamMessageWriter(this.child.stdin),
    );
    this.connection.onNotification('entropane/health/changed', (health: Health) => {
      this.healths.push(health);
      this.#look();
    });
    this.connection.onError(() => undefined);
    this.connection.listen();
  }

  /** Shakes hands; `processId` is this process unless another is to be watched. */
  async initialize(processId: number | null = process.pid): Promise<void> {
    const initializing = this.connection.sendRequest('initialize', {
      processId,
      rootUri: null,
      capabilities: {},
      initializationOptions: { settings: this.#options.settings ?? {} },
    });
    await this.within(startMs, initializing, 'initialize');
    await this.connection.sendNotification('initialized', {});
  }

  /** Initialized, with its model loaded. */
  static async ready(options: SidecarOptions): Promise<SidecarProcess> {
    const sidecar = new SidecarProcess(options);
    await sidecar.initialize();
    await sidecar.whenHealth('ready');
    return sidecar;
  }

  request<M extends RequestMethod>(method: M, params: Requests[M]['params']): Promise<Requests[M]['result']> {
    return this.within(workMs, this.connection.sendRequest(method, params), method);
  }

  ask(params: AskParams): RunningQuestion {
    const partialResultToken = `ask-${this.#tokens++}`;
    const events: TraceEvent[] = [];
    const cancellation = new CancellationTokenSource();
    this.connection.onProgress(new ProgressType<readonly TraceEvent[]>(), partialResultToken, (batch) => {
      events.push(...batch);
      this.#look();
    });
    const sent = this.connection.sendRequest<AskResult>(
      'entropane/ask',
      { ...params, partialResultToken },
      cancellation.token,
    );
    return {
      events,
      cancellation,
      result: this.within(workMs, sent, 'entropane/ask'),
      whenEvent: async (type) => {
        await this.until(() => events.some((event) => event.type === type), `the event ${type}`);
      },
    };
  }

  async open(uri: string, text: string): Promise<void> {
    await this.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: languageIdOf(uri.slice(uri.lastIndexOf('.') + 1)), version: 1, text },
    });
  }

  whenHealth(state: Health['state']): Promise<void> {
    return this.until(() => this.healths.at(-1)?.state === state, `the health ${state}`);
  }

  /** Resolves once the condition holds; it is looked at whenever the sidecar says something. */
  until(isSo: () => boolean, what: string): Promise<void> {
    const waiting = new Promise<void>((resolve) => {
      const look = (): void => {
        if (!isSo()) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
    return this.within(workMs, waiting, what);
  }

  whenExited(deadlineMs: number): Promise<ProcessExit> {
    return this.within(deadlineMs, this.exited, 'the end of the process');
  }

  async within<T>(deadlineMs: number, work: Promise<T>, what: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`${what} did not come within ${deadlineMs} ms. ${this.stderr.slice(-2000)}`));
      }, deadlineMs);
    });
    try {
      return await Promise.race([work, deadline]);
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.connection.dispose();
    this.child.kill('SIGKILL');
    await this.exited;
  }

  #look(): void {
    for (const look of [...this.#watchers]) look();
  }
}

export interface RunningQuestion {
  readonly events: readonly TraceEvent[];
  readonly cancellation: CancellationTokenSource;
  readonly result: Promise<AskResult>;
  whenEvent(type: TraceEvent['type']): Promise<void>;
}
