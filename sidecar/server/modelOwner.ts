import { CodedError, toCodedError } from '../../protocol/codedError.ts';
import type { SidecarSettings } from '../../protocol/messages.ts';
import type { ModelIdentity } from '../../protocol/traceEvent.ts';
import type { DifficultyEstimator } from '../difficulty/difficultyEstimator.ts';
import type { LoadedEstimator } from '../difficulty/loadEstimator.ts';
import { cancelled } from '../engine/cancelled.ts';
import type { Engine, Model, ModelInfo } from '../engine/engine.ts';
import { present } from '../fieldReader.ts';
import type { ModelFile } from '../models/modelStore.ts';
import { onAbort } from '../onAbort.ts';
import type { HealthValue } from './healthValue.ts';

/** Settings that a loaded model depends on. */
export type ModelSettings = Pick<SidecarSettings, 'model' | 'contextTokens' | 'threads' | 'speculation'>;

export interface ModelOwnerParts {
  readonly engine: Engine;
  readonly health: HealthValue;
  /** Throws `model.missing`. */
  readonly resolve: (nameOrPath: string) => Promise<ModelFile>;
  /** The judge of difficulty that goes with a model. */
  readonly loadEstimator: (info: ModelInfo) => Promise<LoadedEstimator>;
  /** Called just before the model that serves is let go of, to end the requests on it as cancelled. */
  readonly beforeRelease: () => void;
  readonly log: (line: string) => void;
}

/** A model ready to serve, with what belongs to it. */
export interface ServingModel {
  readonly model: Model;
  readonly estimator: DifficultyEstimator;
}

/** Most questions and completions at once; the candidates of each are forked and come beside. */
const maxSequences = 32;

/**
 * Owns the one loaded model that completions and questions share. Loads one after another, each in the
 * background: nothing here blocks a message. Health tells where it stands.
 */
export class ModelOwner {
  private readonly parts: ModelOwnerParts;
  private readonly disposal = new AbortController();
  /** The load under way or finished; its rejection is health's `noModel` or `failed`. */
  private current: Promise<ServingModel> | null = null;
  /** What is loaded or being loaded. */
  private wanted: ModelSettings | null = null;
  /** Of `current`. One that failed, or was lost after it had served, is loaded again when it is asked for. */
  private standing: 'loading' | 'serving' | 'failed' = 'loading';
  /** How the engine died since the model was asked of it; null while it lives. */
  private loss: CodedError | null = null;
  /** Counts loads, so that an overtaken one no longer speaks for health. */
  private generation = 0;

  constructor(parts: ModelOwnerParts) {
    this.parts = parts;
    parts.engine.onFailed((error) => {
      this.lose(error);
    });
  }

  /**
   * Starts loading unless the same is loaded or loading already, and resolves with the model. What failed is tried
   * again. A model that served before is disposed first. Requests on the model before end as cancelled. Throws
   * `model.missing`, `model.unreadable` and the like, which health shows too.
   */
  load(settings: ModelSettings): Promise<ServingModel> {
    const isSame = this.wanted !== null && sameSettings(this.wanted, settings);
    if (isSame && this.current !== null && this.standing !== 'failed') return this.current;
    const previous = this.current;
    if (this.isServing) this.parts.beforeRelease();
    this.wanted = settings;
    this.standing = 'loading';
    this.generation += 1;
    const loading = this.replace(previous, settings, this.generation);
    this.current = loading;
    // Health carries the failure to whoever looks; whoever asks for the model gets the rejection.
    loading.catch(() => undefined);
    return loading;
  }

  /**
   * The loaded model, once it is ready. A model that was missing is looked for again, since another window may
   * have fetched it, and one that was replaced while it was waited for is not handed out. Aborting throws `cancelled`,
   * loading goes on.
   */
  async acquire(signal: AbortSignal): Promise<ServingModel> {
    if (this.wanted === null) {
      throw new CodedError('model.missing', 'No model has been chosen yet.', 'Choose a model.');
    }
    for (;;) {
      const loading = this.load(this.wanted);
      const serving = await untilAborted(loading, signal);
      if (loading === this.current) return serving;
    }
  }

  /** Forgets the model when it is the file at this path, so that the file can be deleted. */
  async release(path: string): Promise<void> {
    const serving = await this.current?.catch(() => null);
    if (serving?.model.info.path !== path) return;
    if (this.isServing) this.parts.beforeRelease();
    const { model } = serving;
    this.current = null;
    this.generation += 1;
    await disposeServing(serving);
    this.parts.health.set({ state: 'noModel', error: removedError(model.info.identity.name) });
  }

  async dispose(): Promise<void> {
    this.disposal.abort();
    this.generation += 1;
    await this.parts.engine.dispose();
    await (await this.current?.catch(() => null))?.estimator.dispose();
  }

  private get isServing(): boolean {
    return this.current !== null && this.standing === 'serving';
  }

  /** Disposes what served before, once it has come to its end. Never rejects: the next model does not depend on it. */
  private async letGo(previous: Promise<ServingModel> | null): Promise<void> {
    const before = await previous?.catch(() => null);
    if (!before) return;
    await disposeServing(before).catch((thrown: unknown) => {
      this.parts.log(`could not free ${before.model.info.path}: ${toCodedError(thrown).message}`);
    });
  }

  /** The engine has died. A load under way finds out for itself. */
  private lose(error: CodedError): void {
    this.loss = error;
    if (!this.isServing) return;
    this.standing = 'failed';
    this.parts.log(`the engine died: ${error.message}`);
    this.parts.health.set({ state: 'failed', error: error.toData() });
  }

  /** A thread that died behind the loading, while its probe was read, leaves nothing to serve with. */
  private async requireAlive(estimator: DifficultyEstimator): Promise<void> {
    if (this.loss === null) return;
    await estimator.dispose();
    throw this.loss;
  }

  private async replace(
    previous: Promise<ServingModel> | null,
    settings: ModelSettings,
    generation: number,
  ): Promise<ServingModel> {
    const { engine, health, log } = this.parts;
    const tell = (next: typeof health.value) => {
      if (generation === this.generation) health.set(next);
    };
    const gone = this.letGo(previous);
    try {
      const file = await this.parts.resolve(settings.model);
      tell({ state: 'loading', modelName: file.name });
      await gone;
      this.loss = null;
      const model = await engine.load(
        file.path,
        {
          contextTokens: settings.contextTokens,
          maxSequences,
          threads: settings.threads,
          speculation: settings.speculation,
          ...present({ identity: knownIdentity(file) }),
        },
        this.disposal.signal,
      );
      const { estimator, notes } = await this.parts.loadEstimator(model.info);
      await this.requireAlive(estimator);
      const { backend, contextTokens } = model.info;
      log(`loaded ${file.path}: ${backend}, ${contextTokens} tokens of context`);
      if (generation === this.generation) this.standing = 'serving';
      tell({ state: 'ready', modelName: file.name, backend, contextTokens, notes });
      return { model, estimator };
    } catch (thrown) {
      await gone;
      const error = toCodedError(thrown);
      log(`could not load ${settings.model}: ${error.code}: ${error.message}`);
      if (generation === this.generation) this.standing = 'failed';
      tell({ state: error.code === 'model.missing' ? 'noModel' : 'failed', error: error.toData() });
      throw error;
    }
  }
}

async function disposeServing({ model, estimator }: ServingModel): Promise<void> {
  await model.dispose();
  await estimator.dispose();
}

/** A file that was hashed in full goes by its catalogue name and that hash. */
function knownIdentity({ name, sha256 }: ModelFile): ModelIdentity | undefined {
  return sha256 === null ? undefined : { name, hash: sha256, hashKind: 'sha256' };
}

function sameSettings(first: ModelSettings, second: ModelSettings): boolean {
  return (
    first.model === second.model &&
    first.contextTokens === second.contextTokens &&
    first.threads === second.threads &&
    first.speculation === second.speculation
  );
}

function removedError(name: string) {
  return new CodedError(
    'model.missing',
    `The model ${name} has been removed from this machine.`,
    'Choose another model, or fetch this one again.',
  ).toData();
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
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
