import { createHash } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CodedError } from '../../protocol/codedError.ts';
import { completionsHealth, type Health, isLoading } from '../../protocol/health.ts';
import type {
  AskParams,
  AskResult,
  DifficultyJudgement,
  DifficultyParams,
  DoctorReport,
  InitializationOptions,
  ListedModel,
  RememberedProblem,
  ServerEntry,
  ServingRole,
  SidecarSettings,
} from '../../protocol/messages.ts';
import { readServerModel } from '../../protocol/serverAddress.ts';
import type { RequestId, TraceEvent } from '../../protocol/traceEvent.ts';
import { DocumentStore } from '../documents/documentStore.ts';
import { shippedMeasuredEdits } from '../edits/measuredEdits.ts';
import type { Engine } from '../engine/engine.ts';
import { adviseMachine } from '../modelHosting/machineAdvice.ts';
import { CompletionModel } from '../modelHosting/completionModel.ts';
import { FastModel } from '../modelHosting/fastModel.ts';
import { HealthValue } from '../modelHosting/healthValue.ts';
import { machineBenchmark } from '../modelHosting/machineBenchmark.ts';
import { isMachineShort, machinePressure } from '../modelHosting/memoryPressure.ts';
import { watchMemory } from '../modelHosting/memoryWatch.ts';
import { ModelOwner } from '../modelHosting/modelOwner.ts';
import { ServerBook } from '../modelHosting/serverBook.ts';
import { ServerFallback } from '../modelHosting/serverFallback.ts';
import type { StartupBenchmark } from '../modelHosting/startupBenchmark.ts';
import type { CatalogueModel } from '../models/catalogueModel.ts';
import type { ModelFile, ModelStore } from '../models/modelStore.ts';
import type { Clock } from '../process/clock.ts';
import { later } from '../process/later.ts';
import { machineName } from '../process/machineName.ts';
import { loadEstimator } from '../reasoning/difficulty/loadEstimator.ts';
import { memoryReport } from '../reasoning/memory/memoryReport.ts';
import type { StrategyMemoryFile } from '../reasoning/memory/strategyMemoryFile.ts';
import { exportHtml } from '../trace/htmlExport.ts';
import { requestIdSource } from '../trace/requestId.ts';
import type { TraceStore } from '../trace/traceStore.ts';
import { defaultSettings } from '../validation/sidecarSettings.ts';
import type { Isolation } from '../verify/confinement/sandbox.ts';
import { grammarParser } from '../verify/codeParser.ts';
import { Completions } from './completions.ts';
import { DailyBudget } from './dailyBudget.ts';
import { Edits } from './edits.ts';
import { listedModels, ModelSpeeds } from './modelList.ts';
import { type QuestionDependencies, Questions } from './questions.ts';
import { roleFiles } from './roleFiles.ts';
import { RunningRequests } from './runningRequests.ts';
import { openStores, type Stores, traceLimitsOf } from './stores.ts';

/** How long requests may take to end in order, each with its trace; then the traces are closed without them. */
const closingMs = 1000;

export interface ApplicationDependencies {
  readonly engine: Engine;
  readonly clock: Clock;
  /** Folder of the views that an exported trace carries. */
  readonly viewsFolder: string;
  /** WASM files of the grammars that code is parsed with. */
  readonly syntaxFolder: string;
  /** Confines test commands. */
  readonly isolation: Isolation;
  /** Difficulty probes that come with the product. */
  readonly shippedProbeFolder: string;
  readonly examine: (context: DoctorContext) => Promise<DoctorReport>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Models that can be fetched by name. Default: those of the product. */
  readonly catalogue?: readonly CatalogueModel[];
  readonly processId: number;
  /** Draws the seed of a request that gives none: 32 bits. */
  readonly drawSeed: () => number;
  readonly log: (line: string) => void;
}

/** What a client says of itself. */
type ClientOptions = Pick<InitializationOptions, 'offersContext' | 'servers' | 'fallsBack'> & {
  /** Of its workspace; null where none is open. */
  readonly uri: string | null;
};

/** What the doctor knows of the sidecar that it examines. */
export interface DoctorContext {
  readonly settings: SidecarSettings;
  readonly health: Health;
  /** Tokens a second of the last request of each role; null where there was none. */
  readonly speeds: Readonly<Record<ServingRole, number | null>>;
}

/**
 * Everything the sidecar does, without the wire: owns the engine, the stores, the open documents, the health and
 * the requests under way. Handlers are thin over it. `start` comes first; `dispose` ends all of it.
 */
export class Application {
  readonly documents = new DocumentStore();
  readonly running = new RunningRequests();
  readonly daily: DailyBudget;
  readonly edits: Edits;
  readonly completions: Completions;
  readonly #dependencies: ApplicationDependencies;
  readonly #health = new HealthValue();
  readonly #servers = new ServerBook();
  readonly #benchmark: StartupBenchmark;
  readonly #model: ModelOwner;
  readonly #completionModel: CompletionModel;
  readonly #fallback: ServerFallback;
  readonly #fast: FastModel;
  readonly #speeds = new ModelSpeeds();
  readonly #endWatch: () => void;
  readonly #questions: Questions;
  readonly #nextRequestId: () => string;
  #settings: SidecarSettings = defaultSettings;
  #stores: Stores;
  /** Name of the workspace's folder among those of others; null where none is open. */
  #workspace: string | null = null;
  #workspaceUri: string | null = null;
  /** Whether the client offers parts of files itself. */
  #offersContext = false;
  /** Whether a model of this machine answers while the server of the settings is away. */
  #fallsBack = false;
  #disposal: Promise<void> | null = null;
  /** Where requests that are older than a change of the store write. */
  readonly #formerTraces: TraceStore[] = [];

  constructor(dependencies: ApplicationDependencies) {
    this.#dependencies = dependencies;
    this.#stores = this.#openStores(defaultSettings);
    this.#nextRequestId = requestIdSource(dependencies.clock, dependencies.processId);
    this.#benchmark = this.#openBenchmark(dependencies);
    this.#model = this.#openModel(dependencies);
    this.daily = new DailyBudget(
      () => this.#stores.spending,
      () => this.#settings.tokensPerDay,
      this.#health,
    );
    this.#completionModel = new CompletionModel({
      owner: this.#model,
      resolve: (nameOrPath) => this.models.resolve(nameOrPath),
      health: this.#health,
      log: dependencies.log,
    });
    this.#fallback = new ServerFallback({
      owner: this.#model,
      settings: () => this.#settings,
      isOn: () => this.#fallsBack,
      resolve: (nameOrPath) => this.models.resolve(nameOrPath),
      tell: (standIn) => {
        this.#health.setStandIn(standIn);
      },
      log: dependencies.log,
      schedule: later,
    });
    this.#fast = new FastModel({
      owner: this.#model,
      profiles: () => this.#stores.skipProfiles,
      machine: machineName(),
      log: dependencies.log,
    });
    const isShort = (): Promise<boolean> => isMachineShort(machinePressure);
    this.#endWatch = watchMemory({ owner: this.#model, isShort, schedule: later });
    const asking = this.#askingDependencies(dependencies);
    this.#questions = new Questions(asking);
    this.edits = new Edits({
      ...asking,
      measured: shippedMeasuredEdits,
      noteSpeed: (model, tokensPerSecond) => {
        this.#speeds.note(model, tokensPerSecond);
      },
    });
    this.#followHealth();
    this.completions = this.#openCompletions(dependencies);
  }

  #openBenchmark({ log, clock }: ApplicationDependencies): StartupBenchmark {
    return machineBenchmark({
      isQuiet: () => this.running.isIdle && !this.completions.isReadingIdle && !isLoading(this.health),
      onMeasured: (model, pace) => {
        this.#model.notePace(model, pace);
      },
      log,
      now: () => clock.now(),
    });
  }

  #openModel({ engine, shippedProbeFolder, log, clock }: ApplicationDependencies): ModelOwner {
    return new ModelOwner({
      engine,
      health: this.#health,
      resolve: (nameOrPath) => this.models.resolve(nameOrPath),
      serverOf: (name) => this.#servers.find(name),
      loadedModels: () => this.#stores.loadedModels,
      readProfile: (sourceSha256) => this.#stores.skipProfiles.read(sourceSha256),
      machine: machineName(),
      // The user's own goes before the one that ships.
      loadEstimator: (info) => loadEstimator([this.#stores.probeFolder, shippedProbeFolder], info),
      // Requests are registered as soon as they have a model, so all that hold one end with it.
      beforeRelease: () => {
        this.running.abortAll();
      },
      benchmark: this.#benchmark,
      prefixFolder: () =>
        this.#workspace === null ? null : path.join(this.#stores.prefixFolder, this.#workspace),
      log,
      now: () => clock.now(),
      idleMs: () => this.#settings.idleMinutes * 60_000,
      schedule: later,
    });
  }

  /** Does what waits for a model to be ready. */
  #followHealth(): void {
    const was = { answering: false, completing: false };
    this.#health.subscribe((health) => {
      this.#fallback.see(health);
      const isCompleting = completionsHealth(health).state === 'ready';
      if (isCompleting && !was.completing) this.completions.otherFiles.modelReady();
      was.completing = isCompleting;
      const isAnswering = health.state === 'ready';
      const isComing = isAnswering && !was.answering;
      was.answering = isAnswering;
      // What brings this one back after the engine has died brings the other one back, too.
      const isWithout = health.completions === undefined || health.completions.state === 'failed';
      if (isComing && isWithout && this.#settings.completionModel !== '')
        void this.#completionModel.choose(this.#settings);
    });
  }

  #askingDependencies(dependencies: ApplicationDependencies): QuestionDependencies {
    const { syntaxFolder, clock, drawSeed, isolation, log } = dependencies;
    return {
      owner: this.#model,
      fallback: this.#fallback,
      settings: () => this.#settings,
      stores: () => this.#stores,
      running: this.running,
      daily: this.daily,
      fast: this.#fast,
      codeParser: grammarParser(syntaxFolder, { clock }),
      clock,
      nextRequestId: this.#nextRequestId,
      drawSeed,
      workspacePath: () => this.#workspacePath,
      isolation,
      log,
      onTraceFailure: this.#reportTraceFailure,
    };
  }

  #openCompletions({ clock, syntaxFolder, log }: ApplicationDependencies): Completions {
    return new Completions({
      documents: this.documents,
      clock,
      syntaxFolder,
      settings: () => this.#settings,
      health: () => this.#health.value,
      acquireModel: (signal) => this.#completionModel.acquire(signal),
      measuredMsPerToken: (model) => {
        const pace = this.#benchmark.paceOf(model, this.#settings.threads);
        return pace === null ? null : 1000 / pace.prefillTokensPerSecond;
      },
      traces: () => this.traces,
      onTraceFailure: this.#reportTraceFailure,
      running: this.running,
      daily: this.daily,
      nextRequestId: this.#nextRequestId,
      workspaceUri: () => this.#workspaceUri,
      clientOffers: () => this.#offersContext,
      noteSpeed: (model, tokensPerSecond) => {
        this.#speeds.note(model, tokensPerSecond);
      },
      log,
    });
  }

  /** Null where none is open, or one that is not on this machine's disk. */
  get #workspacePath(): string | null {
    return this.#workspaceUri?.startsWith('file:') === true ? fileURLToPath(this.#workspaceUri) : null;
  }

  get health(): Health {
    return this.#health.value;
  }

  /** The setting, as it is now. */
  get storePath(): string {
    return this.#settings.storePath;
  }

  get models(): ModelStore {
    return this.#stores.models;
  }

  /** What worked on questions of each kind. */
  get strategyMemory(): StrategyMemoryFile {
    return this.#stores.strategyMemory;
  }

  /** What is remembered of strategies, by kind of problem; the kind met last is first. */
  async rememberedProblems(): Promise<readonly RememberedProblem[]> {
    return memoryReport(await this.#stores.strategyMemory.read());
  }

  get traces(): TraceStore {
    return this.#stores.traces;
  }

  /**
   * Takes the client's settings and begins to load the model, without waiting for it. The URI of the workspace keeps
   * what is written to disk of one apart from that of another. Nothing is sent to other servers than these. Throws
   * `parameter.invalid` for the address of a server that is none.
   */
  start(
    settings: Partial<SidecarSettings>,
    { uri, offersContext = false, servers = [], fallsBack = false }: ClientOptions,
  ): void {
    this.#servers.replace(servers);
    this.#workspaceUri = uri;
    this.#offersContext = offersContext;
    this.#fallsBack = fallsBack;
    this.#workspace = uri === null ? null : createHash('sha256').update(uri).digest('hex').slice(0, 32);
    this.changeSettings(settings);
    this.#loadInBackground();
    void this.#completionModel.choose(this.#settings);
  }

  /**
   * Settings of the engine take effect when a model is loaded next. Another model, for questions or completions, is loaded at
   * once. Requests on the model before end as cancelled.
   */
  changeSettings(changes: Partial<SidecarSettings>): void {
    const before = this.#settings;
    this.#settings = { ...before, ...changes };
    if (this.#settings.storePath !== before.storePath) {
      this.#formerTraces.push(this.traces);
      this.#stores = this.#openStores(this.#settings);
    }
    this.traces.changeLimits(traceLimitsOf(this.#settings));
    if (this.#settings.tokensPerDay > 0 || before.tokensPerDay > 0) void this.daily.refresh();
    if (this.#settings.fastModel !== before.fastModel) this.#fast.choose(this.#settings);
    const { model, completionModel } = this.#settings;
    if (this.health.state === 'starting') return;
    if (model !== before.model) this.#loadInBackground();
    if (model !== before.model || completionModel !== before.completionModel) {
      this.#fallback.settingsChanged();
      void this.#completionModel.choose(this.#settings);
    }
  }

  /**
   * Takes the servers that may be sent to, in the place of those before. The model of one that is gone, or that has another key, is let
   * go of, and requests under way end as cancelled; new ones end none. Throws `parameter.invalid` for the address of a server that is none.
   */
  changeServers(servers: readonly ServerEntry[]): void {
    const changed = this.#servers.replace(servers);
    this.#model.dropServers(changed);
    const { model, completionModel } = this.#settings;
    const isChanged = (name: string): boolean => changed.has(readServerModel(name)?.address ?? '');
    if (isChanged(model)) {
      this.#fallback.settingsChanged({ isAnew: true });
      this.#loadInBackground();
    }
    if (isChanged(completionModel)) void this.#completionModel.choose(this.#settings);
  }

  onHealthChanged(listener: (health: Health) => void): void {
    this.#health.subscribe(listener);
  }

  /** Answers a question; `report` gets its events as they happen. Waits for a model that is loading. */
  async ask(
    params: AskParams,
    report: (events: readonly TraceEvent[]) => void,
    signal: AbortSignal,
  ): Promise<AskResult> {
    const result = await this.#questions.ask(params, report, signal);
    // What several models wrote has the speed of neither.
    if (result.writtenBy === null) this.#speeds.note(result.model, result.timing.decodeTokensPerSecond);
    return result;
  }

  /** How hard a question is for a model. Throws as `ask` does. */
  judge(params: DifficultyParams, signal: AbortSignal): Promise<DifficultyJudgement> {
    return this.#questions.judge(params, signal);
  }

  /** Writes the self-contained view of a trace. Throws `request.unknown`, `store.unwritable` and the like. */
  async exportTrace(requestId: RequestId, outputPath: string): Promise<void> {
    const events = await this.traces.read(requestId);
    await exportHtml({ events, assetsDir: this.#dependencies.viewsFolder, outputPath });
  }

  async examine(): Promise<DoctorReport> {
    const { questions, completions } = await roleFiles(this.models, this.#settings, this.health);
    const speedOf = (file: ModelFile | null): number | null => (file === null ? null : this.#speeds.of(file));
    const speeds = { questions: speedOf(questions), completions: speedOf(completions) };
    return this.#dependencies.examine({ settings: this.#settings, health: this.health, speeds });
  }

  /** What is in the store and the catalogue, and what each model does now. */
  async listModels(): Promise<readonly ListedModel[]> {
    const { questions, completions } = await roleFiles(this.models, this.#settings, this.health);
    const rolePaths = { questions: questions?.path ?? null, completions: completions?.path ?? null };
    const models = await this.models.list();
    const outlook = await adviseMachine(models);
    return listedModels(models, { rolePaths, health: this.health, speeds: this.#speeds, ...outlook });
  }

  /**
   * Loads a model for questions, with the settings as they are now, and resolves once it serves; nothing happens when it does
   * so already. Requests on the model before end as cancelled.
   */
  async chooseModel(model: string): Promise<Health> {
    if (this.#servers.find(model) === null) await this.models.resolve(model);
    const isOther = model !== this.#settings.model;
    this.#settings = { ...this.#settings, model };
    this.#fallback.settingsChanged();
    const loading = this.#model.load(this.#settings);
    if (isOther) void this.#completionModel.choose(this.#settings);
    await loading;
    return this.health;
  }

  /** Deletes a model of the store; one that serves is let go of first. Requests on it end as cancelled. */
  async removeModel(name: string): Promise<void> {
    const installed = (await this.models.list()).find((model) => model.name === name);
    if (installed?.path) await this.#model.release(installed.path);
    await this.models.remove(name);
    if (name === this.#settings.completionModel) await this.#completionModel.choose(this.#settings);
  }

  /** Loads a chosen model when it is the one that has just arrived. */
  noteFetched(name: string): void {
    const { model, completionModel } = this.#settings;
    if (name === model && this.health.state === 'noModel') this.#loadInBackground();
    if (name === completionModel) void this.#completionModel.choose(this.#settings);
  }

  /** Nothing more is answered: the end has begun. */
  get isEnding(): boolean {
    return this.#disposal !== null;
  }

  /** The process ends now: aborts every request and closes its trace. For callers that cannot wait for `dispose`. */
  endNow(): void {
    this.running.abortAll();
    for (const traces of [...this.#formerTraces, this.traces]) traces.endAll();
  }

  /** Ends every request and the engine. Idempotent; all callers wait for the same end. */
  dispose(): Promise<void> {
    this.completions.otherFiles.began();
    this.#disposal ??= this.#end();
    return this.#disposal;
  }

  async #end(): Promise<void> {
    this.running.abortAll();
    await this.#requestsEnded();
    this.endNow();
    this.#endWatch();
    this.#fallback.dispose();
    await this.#benchmark.dispose();
    await this.#model.dispose();
    await this.daily.settled();
  }

  /** Resolves once they have, and after `closingMs` at the latest. */
  #requestsEnded(): Promise<void> {
    return new Promise((resolve) => {
      const callOff = this.#dependencies.clock.after(closingMs, resolve);
      void this.running.settled().then(() => {
        callOff();
        resolve();
      });
    });
  }

  #loadInBackground(): void {
    // Health shows the failure, and so does every request that needs the model.
    this.#model.load(this.#settings).catch(() => undefined);
  }

  #openStores(settings: SidecarSettings): Stores {
    const { environment, clock, catalogue } = this.#dependencies;
    return openStores(settings, { environment, clock, catalogue }, this.#dependencies.log);
  }

  readonly #reportTraceFailure = (error: CodedError): void => {
    this.#dependencies.log(`trace: ${error.code}: ${error.message}`);
  };
}
