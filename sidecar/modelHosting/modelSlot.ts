import { CodedError, toCodedError } from '../../protocol/codedError.ts';
import type { ModelHealth, UnloadCause } from '../../protocol/health.ts';
import type { SidecarSettings } from '../../protocol/messages.ts';
import { type LoadSettingKey, loadSettingKeys } from '../../protocol/settingsTable.ts';
import { cancelled } from '../engine/cancelled.ts';
import type { Model } from '../engine/engine.ts';
import { onAbort } from '../process/onAbort.ts';
import type { DifficultyEstimator } from '../request/difficultyEstimator.ts';

/** Settings that a loaded model depends on. */
export type ModelSettings = Pick<SidecarSettings, 'model' | LoadSettingKey>;

/** Settings to load a model with beside the one for questions, whose own drafts and adapters are. Pure. */
export function settingsBeside(settings: ModelSettings, model: string): ModelSettings {
  return { ...settings, model, draftModel: '', adapter: '' };
}

/** A model ready to serve, with what belongs to it. */
export interface ServingModel {
  readonly model: Model;
  readonly estimator: DifficultyEstimator;
  /** Things that work with less than all parts. */
  readonly notes: readonly string[];
  /** As health names it, where that is known only now; absent for one whose file has its name. */
  readonly name?: string;
}

/** The right to a model until `release`: while anybody holds one, it is not unloaded to make room. */
export interface ModelLease extends ServingModel {
  /** Idempotent. */
  release(): void;
}

export interface SlotDependencies {
  /** Finds and loads a model; `onFound` gets its name once it is known. `gone` settles when the one before is freed. */
  readonly open: (
    settings: ModelSettings,
    onFound: (name: string) => void,
    gone: Promise<void>,
  ) => Promise<ServingModel>;
  readonly close: (serving: ServingModel) => Promise<void>;
  /** Called just before the model that serves is replaced or its file removed, to end the requests on it. */
  readonly beforeRelease: () => void;
  /** Called when a model serves that nobody uses: it was loaded ahead, or the last lease has been given back. */
  readonly onIdle: () => void;
  readonly tell: (health: ModelHealth) => void;
  readonly log: (line: string) => void;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** The place of one model: loads what is wanted there, one load after another, and knows who uses it. */
export class ModelSlot {
  private readonly dependencies: SlotDependencies;
  /** The load under way or finished. */
  private current: Promise<ServingModel> | null = null;
  /** Result of `current`, once it serves. */
  private serving: ServingModel | null = null;
  /** What was let go of and is not freed yet. */
  private gone: Promise<void> = Promise.resolve();
  private wantedSettings: ModelSettings | null = null;
  /** Of `current`. One that failed, or was lost after it had served, is loaded again when it is asked for. */
  private phase: 'loading' | 'serving' | 'failed' = 'loading';
  /** How the engine died since the model was asked of it; null while it lives. */
  private loss: CodedError | null = null;
  /** Counts loads, so that an overtaken one no longer speaks for health. */
  private generation = 0;
  /** Leases on the model that serves; leases on earlier models are in sets of their own. */
  private leases = new Set<ModelLease>();
  private waiting = 0;
  private usedMs = 0;
  /** Of the model that was loaded last, as health names it. */
  private name = '';

  constructor(dependencies: SlotDependencies) {
    this.dependencies = dependencies;
  }

  get wanted(): ModelSettings | null {
    return this.wantedSettings;
  }

  /** The model that serves; null while there is none. */
  get served(): Model | null {
    return this.isServing ? (this.serving?.model ?? null) : null;
  }

  /** Whether a model serves that nobody uses or waits for. */
  get isIdle(): boolean {
    return this.isServing && this.leases.size === 0 && this.waiting === 0;
  }

  /** When a lease was last given or given back. */
  get lastUsedMs(): number {
    return this.usedMs;
  }

  /** Says what is wanted here, without loading it; another model that serves is let go of. */
  assign(settings: ModelSettings | null): void {
    if (this.wantedSettings !== null && settings !== null && sameSettings(this.wantedSettings, settings))
      return;
    this.leave();
    this.wantedSettings = settings;
  }

  /**
   * Starts loading unless the same is loaded or loading already, and resolves with the model. What failed is tried
   * again. A model that served before is disposed first.
   */
  load(settings: ModelSettings): Promise<ServingModel> {
    const isSame = this.wantedSettings !== null && sameSettings(this.wantedSettings, settings);
    if (isSame && this.current !== null && this.phase !== 'failed') return this.current;
    this.leave();
    this.wantedSettings = settings;
    this.phase = 'loading';
    const loading = this.open(settings, this.generation);
    this.current = loading;
    // Health carries the failure; a caller that asks for the model gets the rejection.
    loading.catch(() => undefined);
    return loading;
  }

  /** Resolves when the load under way has ended, however it did. */
  async loaded(): Promise<void> {
    await this.current?.catch(() => undefined);
  }

  /** A lease on the model, once it serves; see `ModelOwner.acquire`. */
  async acquire(signal: AbortSignal): Promise<ModelLease> {
    this.waiting += 1;
    try {
      for (;;) {
        const wanted = this.wantedSettings;
        if (wanted === null) {
          throw new CodedError('model.missing', 'No model has been chosen yet.', 'Choose a model.');
        }
        const loading = this.load(wanted);
        const serving = await untilAborted(loading, signal);
        if (loading === this.current) return this.lease(serving);
      }
    } finally {
      this.waiting -= 1;
    }
  }

  /** The engine has died. A load under way finds out for itself. True when a model that served was lost. */
  lose(error: CodedError): boolean {
    this.loss = error;
    if (!this.isServing) return false;
    this.phase = 'failed';
    return true;
  }

  /** Frees the model if nobody uses it; what is wanted stays, and is loaded again when it is asked for. */
  async unload(cause: UnloadCause): Promise<void> {
    if (!this.isIdle) return;
    this.vacate();
    this.dependencies.tell({ state: 'unloaded', modelName: this.name, cause });
    await this.gone;
  }

  /** Frees the model when it is the file at this path; returns its name then, else null. */
  async forget(path: string): Promise<string | null> {
    const serving = await this.current?.catch(() => null);
    if (serving?.model.info.local?.path !== path) return null;
    this.leave();
    await this.gone;
    return serving.model.info.identity.name;
  }

  /** Lets go of what serves or is being loaded; what is wanted stays. Requests on it end as cancelled. */
  drop(): void {
    this.leave();
  }

  /** What remains to be closed when the engine has ended. */
  async dispose(): Promise<void> {
    this.generation += 1;
    await (await this.current?.catch(() => null))?.estimator.dispose();
  }

  private get isServing(): boolean {
    return this.current !== null && this.phase === 'serving';
  }

  private lease(serving: ServingModel): ModelLease {
    const { leases } = this;
    const lease: ModelLease = {
      ...serving,
      release: () => {
        if (!leases.delete(lease) || leases !== this.leases) return;
        this.usedMs = this.dependencies.now();
        if (leases.size === 0) this.dependencies.onIdle();
      },
    };
    leases.add(lease);
    this.usedMs = this.dependencies.now();
    return lease;
  }

  /** Ends the requests on the model, and lets go of it. */
  private leave(): void {
    if (this.isServing) this.dependencies.beforeRelease();
    this.vacate();
  }

  /** Lets go of the load under way or finished: it is closed once it has come to its end. */
  private vacate(): void {
    const { current } = this;
    this.generation += 1;
    this.current = null;
    this.serving = null;
    this.leases = new Set();
    if (current === null) return;
    this.gone = Promise.all([this.gone, this.closeWhenLoaded(current)]).then(() => undefined);
  }

  /** Never rejects: the next model does not depend on it. */
  private async closeWhenLoaded(loading: Promise<ServingModel>): Promise<void> {
    const before = await loading.catch(() => null);
    if (before === null) return;
    await this.dependencies.close(before).catch((thrown: unknown) => {
      this.dependencies.log(
        `could not free ${before.model.info.identity.name}: ${toCodedError(thrown).message}`,
      );
    });
  }

  private async open(settings: ModelSettings, generation: number): Promise<ServingModel> {
    const { log } = this.dependencies;
    const tell = (next: ModelHealth): void => {
      if (generation === this.generation) this.dependencies.tell(next);
    };
    const gone = this.gone.then(() => {
      this.loss = null;
    });
    let modelName = settings.model;
    try {
      const serving = await this.dependencies.open(
        settings,
        (name) => {
          modelName = name;
          tell({ state: 'loading', modelName });
        },
        gone,
      );
      await this.requireAlive(serving.estimator);
      modelName = serving.name ?? modelName;
      const { backend, contextTokens, identity, local } = serving.model.info;
      log(`loaded ${local?.path ?? identity.name}: ${backend}, ${contextTokens} tokens of context`);
      if (generation === this.generation) {
        this.phase = 'serving';
        this.serving = serving;
        this.usedMs = this.dependencies.now();
        this.name = modelName;
      }
      tell({ state: 'ready', modelName, backend, contextTokens, notes: serving.notes });
      if (generation === this.generation && this.isIdle) this.dependencies.onIdle();
      return serving;
    } catch (thrown) {
      await gone;
      const error = toCodedError(thrown);
      log(`could not load ${settings.model}: ${error.code}: ${error.message}`);
      if (generation === this.generation) this.phase = 'failed';
      tell({ state: error.code === 'model.missing' ? 'noModel' : 'failed', error: error.toData() });
      throw error;
    }
  }

  /** Throws where the thread died after loading, while its probe was read: then nothing can serve. */
  private async requireAlive(estimator: DifficultyEstimator): Promise<void> {
    if (this.loss === null) return;
    await estimator.dispose();
    throw this.loss;
  }
}

function sameSettings(first: ModelSettings, second: ModelSettings): boolean {
  return first.model === second.model && loadSettingKeys.every((key) => first[key] === second[key]);
}

/** Throws `cancelled` as soon as the signal aborts; what is waited for goes on. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(cancelled());
      return;
    }
    const stopListening = onAbort(signal, () => {
      reject(cancelled());
    });
    promise.then(resolve, reject).finally(stopListening);
  });
}
