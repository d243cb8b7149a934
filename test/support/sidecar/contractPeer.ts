import { mkdir, writeFile } from 'node:fs/promises';
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
} from 'vscode-languageserver/node';
import { type ErrorCode, isErrorData } from '../../../protocol/codedError.ts';
import type { Health } from '../../../protocol/health.ts';
import type {
  CompletionReport,
  FetchProgress,
  InitializationOptions,
  PartialResults,
  RequestMethod,
  Requests,
} from '../../../protocol/messages.ts';
import type { TraceEvent } from '../../../protocol/traceEvent.ts';
import { Application } from '../../../sidecar/app/application.ts';
import { engineBySource } from '../../../sidecar/engine/engineBySource.ts';
import { createRemoteEngine } from '../../../sidecar/engine/remote/remoteEngine.ts';
import type { Script } from '../../../sidecar/engine/scripted/script.ts';
import {
  createScriptedEngine,
  type ScriptedEngineOptions,
} from '../../../sidecar/engine/scripted/scriptedEngine.ts';
import type { CatalogueModel } from '../../../sidecar/models/catalogueModel.ts';
import { systemClock } from '../../../sidecar/process/clock.ts';
import { serve } from '../../../sidecar/server/connection.ts';
import { unconfined } from '../verify/isolation.ts';
import { temporaryFolder, type TemporaryFolder } from '../machine/temporaryFolder.ts';
import { slowDuplex, type SlowDuplex } from './slowDuplex.ts';

/** A server over the scripted engine, and over the one that asks servers, and a client of it, joined by a slow wire. Dispose it. */
export interface ContractPeer extends AsyncDisposable {
  readonly connection: ProtocolConnection;
  readonly wire: SlowDuplex;
  readonly storePath: string;
  /** The model file that the settings name; the scripted engine does not look inside. */
  readonly modelPath: string;
  readonly healths: readonly Health[];
  readonly reports: readonly CompletionReport[];
  readonly logLines: readonly string[];
  /** What the server took for its client's process. */
  readonly clientProcesses: readonly number[];
  /** With a folder as the workspace where one is given. */
  initialize(options?: InitializationOptions, workspaceFolder?: string): Promise<unknown>;
  request<M extends RequestMethod>(method: M, params: Requests[M]['params']): Promise<Requests[M]['result']>;
  /** A question with its events as they come; cancel with the source. */
  ask(params: Requests['entropane/ask']['params']): RunningQuestion;
  /** A fetch with its progress as it comes; cancel with the source. */
  fetch(model: string): RunningFetch;
  /** Resolves once the health has this state. */
  whenHealth(state: Health['state']): Promise<void>;
}

export interface RunningQuestion {
  readonly events: readonly TraceEvent[];
  readonly cancellation: CancellationTokenSource;
  readonly result: Promise<Requests['entropane/ask']['result']>;
  /** Resolves once an event of this type has come. */
  whenEvent(type: TraceEvent['type']): Promise<void>;
}

export interface RunningFetch {
  readonly progress: readonly FetchProgress[];
  readonly cancellation: CancellationTokenSource;
  readonly result: Promise<Requests['entropane/models/fetch']['result']>;
}

/** Where the server under test gets models from: nowhere but its store, unless said otherwise. */
export interface ModelSource {
  readonly hubEndpoint: string;
  readonly catalogue: readonly CatalogueModel[];
}

export async function contractPeer(
  script: Script,
  engine: ScriptedEngineOptions = {},
  source: ModelSource | null = null,
): Promise<ContractPeer> {
  const folder = await temporaryFolder();
  const modelPath = path.join(folder.path, 'models', 'scripted.gguf');
  await mkdir(path.dirname(modelPath), { recursive: true });
  await writeFile(modelPath, 'not looked at');
  return new Peer(folder, modelPath, { script, engine, source });
}

class Peer implements ContractPeer {
  readonly connection: ProtocolConnection;
  readonly wire = slowDuplex();
  readonly storePath: string;
  readonly modelPath: string;
  readonly healths: Health[] = [];
  readonly reports: CompletionReport[] = [];
  readonly logLines: string[] = [];
  readonly clientProcesses: number[] = [];
  readonly #folder: TemporaryFolder;
  readonly #application: Application;
  readonly #changes = new Set<() => void>();
  #tokens = 0;

  constructor(
    folder: TemporaryFolder,
    modelPath: string,
    parts: {
      readonly script: Script;
      readonly engine: ScriptedEngineOptions;
      readonly source: ModelSource | null;
    },
  ) {
    const { script, engine, source } = parts;
    this.#folder = folder;
    this.storePath = folder.path;
    this.modelPath = modelPath;
    const log = (line: string): void => {
      this.logLines.push(line);
    };
    this.#application = new Application({
      engine: engineBySource({
        file: createScriptedEngine(script, engine),
        server: createRemoteEngine({ now: () => systemClock.now(), log }),
      }),
      clock: systemClock,
      syntaxFolder: path.join(folder.path, 'syntax'),
      isolation: unconfined,
      viewsFolder: path.join(folder.path, 'views'),
      shippedProbeFolder: path.join(folder.path, 'shippedProbes'),
      examine: ({ health }) =>
        Promise.resolve({
          findings: [{ subject: 'health', status: 'ok', detail: health.state, remedy: null }],
        }),
      environment: { ENTROPANE_HOME: folder.path, HF_ENDPOINT: source?.hubEndpoint },
      catalogue: source?.catalogue,
      processId: 1,
      drawSeed: () => 11,
      log,
    });
    serve(this.wire.server, this.#application, {
      log,
      onClientGone: () => undefined,
      onClientProcess: (processId) => {
        this.clientProcesses.push(processId);
      },
    });
    this.connection = createProtocolConnection(
      new StreamMessageReader(this.wire.client.input),
      new StreamMessageWriter(this.wire.client.output),
    );
    this.connection.onNotification('entropane/health/changed', (health: Health) => {
      this.healths.push(health);
      this.#tellChange();
    });
    this.connection.onNotification('entropane/completion/finished', (report: CompletionReport) => {
      this.reports.push(report);
      this.#tellChange();
    });
    this.connection.onError(() => undefined);
    this.connection.listen();
  }

  initialize(options: InitializationOptions = {}, workspaceFolder?: string): Promise<unknown> {
    const folders = workspaceFolder === undefined ? [] : [workspaceFolder];
    return this.connection.sendRequest('initialize', {
      processId: null,
      rootUri: null,
      workspaceFolders: folders.map((folder) => ({ uri: pathToFileURL(folder).href, name: 'workspace' })),
      capabilities: {},
      initializationOptions: { ...options, settings: { model: this.modelPath, ...options.settings } },
    });
  }

  request<M extends RequestMethod>(method: M, params: Requests[M]['params']): Promise<Requests[M]['result']> {
    return this.connection.sendRequest(method, params);
  }

  ask(params: Requests['entropane/ask']['params']): RunningQuestion {
    const { streamed: events, ...running } = this.#stream('entropane/ask', params);
    return {
      events,
      ...running,
      whenEvent: (type) => this.#until(() => events.some((event) => event.type === type)),
    };
  }

  fetch(model: string): RunningFetch {
    const { streamed: progress, ...running } = this.#stream('entropane/models/fetch', { model });
    return { progress, ...running };
  }

  whenHealth(state: Health['state']): Promise<void> {
    return this.#until(() => this.healths.at(-1)?.state === state);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.connection.dispose();
    await this.#application.dispose();
    await this.#folder[Symbol.asyncDispose]();
  }

  /** A request with what it streams, batches joined. */
  #stream<M extends keyof PartialResults>(method: M, params: Requests[M]['params']) {
    const streamed: PartialResults[M][number][] = [];
    const cancellation = new CancellationTokenSource();
    const partialResultToken = `stream-${this.#tokens++}`;
    this.connection.onProgress(new ProgressType<PartialResults[M]>(), partialResultToken, (batch) => {
      streamed.push(...batch);
      this.#tellChange();
    });
    const result = this.connection.sendRequest<Requests[M]['result']>(
      method,
      { ...params, partialResultToken },
      cancellation.token,
    );
    return { streamed, cancellation, result };
  }

  #tellChange(): void {
    for (const look of [...this.#changes]) look();
  }

  #until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!isSo()) return;
        this.#changes.delete(look);
        resolve();
      };
      this.#changes.add(look);
      look();
    });
  }
}

/** The error that answered a request: its LSP code and the code of its data. Throws when there was a result. */
export async function failureOf(
  request: Promise<unknown>,
): Promise<{ readonly lspCode: number; readonly code: ErrorCode | null }> {
  const thrown: unknown = await request.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(thrown instanceof ResponseError)) throw new Error('The request was not answered with an error.');
  const data: unknown = thrown.data;
  return { lspCode: thrown.code, code: isErrorData(data) ? data.code : null };
}
