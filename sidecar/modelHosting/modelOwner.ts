import { basename } from 'node:path';
import { CodedError, toCodedError } from '../../protocol/codedError.ts';
import type { AdapterRequest, Engine, LoadOptions, Model, ModelInfo } from '../engine/engine.ts';
import { knownIdentity } from '../models/modelStore.ts';
import type { LoadedEstimator } from '../request/difficultyEstimator.ts';
import { present } from '../validation/fieldReader.ts';
import { chooseDraft, type DraftLookup, notesOnDrafts } from './draftChoice.ts';
import type { HealthValue } from './healthValue.ts';
import { type ModelLease, type ModelSettings, ModelSlot, type ServingModel } from './modelSlot.ts';

/**
 * What a model is for. `questions` answers them and speaks for health; `fast` answers what is easy; any other file is a
 * role of its own. Only one model plays a role at a time.
 */
export type ModelRole = 'questions' | 'fast' | `path:${string}`;

export interface ModelOwnerDependencies extends DraftLookup {
  readonly engine: Engine;
  readonly health: HealthValue;
  /** The judge of difficulty that goes with a model. */
  readonly loadEstimator: (info: ModelInfo) => Promise<LoadedEstimator>;
  /** Called just before a model that serves is replaced or removed, to end the requests on it as cancelled. */
  readonly beforeRelease: (role: ModelRole) => void;
  /** Where prefixes of this workspace may be kept on disk; null where no workspace is open. */
  readonly prefixFolder: () => string | null;
  readonly log: (line: string) => void;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** How long a model other than that for questions stays loaded without a lease, in milliseconds; 0 for good. */
  readonly idleMs: () => number;
  /** Runs something later; the returned function calls it off. */
  readonly schedule: (run: () => void, delayMs: number) => () => void;
}

/** Most questions and completions at once; the candidates of each are forked and come beside. */
const maxSequences = 32;

/**
 * Owns every loaded model, one a role. Loads in the background: nothing here blocks a message. Where memory is short,
 * models without a lease are unloaded, least recently used first, and loaded again when they are asked for; the
 * one for questions never makes room for another. Health says how that one is.
 */
export class ModelOwner {
  private readonly dependencies: ModelOwnerDependencies;
  private readonly disposal = new AbortController();
  private readonly slots = new Map<ModelRole, ModelSlot>();
  private readonly idleTimers = new Map<ModelRole, () => void>();

  constructor(dependencies: ModelOwnerDependencies) {
    this.dependencies = dependencies;
    dependencies.engine.onFailed((error) => {
      this.lose(error);
    });
  }

  /**
   * Starts loading unless the same is loaded or loading already, and resolves with the model. What failed is tried
   * again. A model that played the role before is disposed first. Requests on it end as cancelled. Throws
   * `model.missing`, `model.unreadable`, `memory.insufficient` and the like, which health shows too for the role of questions.
   */
  load(settings: ModelSettings, role: ModelRole = 'questions'): Promise<ServingModel> {
    return this.slot(role).load(settings);
  }

  /** Says which model plays a role from now on, null for none, without loading it: `acquire` does when it is needed. */
  assign(role: ModelRole, settings: ModelSettings | null): void {
    this.slot(role).assign(settings);
  }

  /** Whether `acquire` would be answered at once. */
  isServing(role: ModelRole): boolean {
    return (this.slots.get(role)?.served ?? null) !== null;
  }

  /**
   * A lease on the model of a role, once it is ready; the caller releases it when its request is over. A model that
   * was unloaded or missing is loaded again, and one that was replaced while it was waited for is not handed out.
   * Aborting throws `cancelled`, loading goes on.
   */
  acquire(signal: AbortSignal, role: ModelRole = 'questions'): Promise<ModelLease> {
    this.idleTimers.get(role)?.();
    return this.slot(role).acquire(signal);
  }

  /** Forgets the model at this path, whatever its roles, so that the file can be deleted. */
  async release(path: string): Promise<void> {
    for (const [role, slot] of this.slots) {
      const name = await slot.forget(path);
      if (name !== null && role === 'questions') {
        this.dependencies.health.set({ state: 'noModel', error: removedError(name) });
      }
    }
  }

  async dispose(): Promise<void> {
    this.disposal.abort();
    for (const callOff of this.idleTimers.values()) callOff();
    await this.dependencies.engine.dispose();
    await Promise.all([...this.slots.values()].map((slot) => slot.dispose()));
  }

  private slot(role: ModelRole): ModelSlot {
    const known = this.slots.get(role);
    if (known !== undefined) return known;
    const { beforeRelease, health, log, now } = this.dependencies;
    const slot = new ModelSlot({
      open: (settings, onFound, gone) => this.open(role, settings, { onFound, gone }),
      close: (serving) => this.close(serving),
      beforeRelease: () => {
        beforeRelease(role);
      },
      onIdle: () => {
        this.unloadLater(role);
      },
      tell: (next) => {
        if (role === 'questions') health.set(next);
      },
      log,
      now,
    });
    this.slots.set(role, slot);
    return slot;
  }

  private async open(
    role: ModelRole,
    settings: ModelSettings,
    step: { readonly onFound: (name: string) => void; readonly gone: Promise<void> },
  ): Promise<ServingModel> {
    const file = await this.dependencies.resolve(settings.model);
    step.onFound(file.name);
    const draft = await chooseDraft(settings.draftModel, file, this.dependencies, this.disposal.signal);
    await step.gone;
    const folder = this.dependencies.prefixFolder();
    const budgetBytes = settings.prefixDiskBytesLimit;
    const prefixFiles = folder === null || budgetBytes === 0 ? undefined : { folder, budgetBytes };
    const model = await this.loadMakingRoom(role, file.path, {
      contextTokens: settings.contextTokens,
      maxSequences,
      threads: settings.threads,
      speculation: settings.speculation,
      drafts: draft.requests,
      cacheType: settings.cacheType,
      memoryBytesLimit: settings.memoryBytesLimit,
      prefixBytes: settings.prefixBytesLimit,
      ...present({ identity: knownIdentity(file), prefixFiles, adapter: adapterOf(settings) }),
    });
    const onDrafts = [...draft.notes, ...notesOnDrafts(model.info.drafts, (file) => basename(file))];
    for (const note of onDrafts) this.dependencies.log(note);
    const { estimator, notes } = await this.dependencies.loadEstimator(model.info);
    return { model, estimator, notes: [...notes, ...onDrafts] };
  }

  /** Loads, and as long as memory is short unloads what nobody uses. */
  private async loadMakingRoom(role: ModelRole, path: string, options: LoadOptions): Promise<Model> {
    for (;;) {
      try {
        return await this.dependencies.engine.load(path, options, this.disposal.signal);
      } catch (thrown) {
        const idle =
          toCodedError(thrown).code === 'memory.insufficient' ? this.leastRecentlyUsed(role) : null;
        if (idle === null) throw thrown;
        this.dependencies.log(`unloading the ${idle.role} model to make room`);
        await idle.slot.unload();
      }
    }
  }

  /** The idle model that may make room for another role. */
  private leastRecentlyUsed(
    forRole: ModelRole,
  ): { readonly role: ModelRole; readonly slot: ModelSlot } | null {
    const idle = [...this.slots]
      .filter(([role, slot]) => role !== 'questions' && role !== forRole && slot.isIdle)
      .map(([role, slot]) => ({ role, slot }));
    return idle.toSorted((a, b) => a.slot.lastUsedMs - b.slot.lastUsedMs)[0] ?? null;
  }

  private unloadLater(role: ModelRole): void {
    const idleMs = this.dependencies.idleMs();
    this.idleTimers.get(role)?.();
    if (role === 'questions' || idleMs <= 0) return;
    const callOff = this.dependencies.schedule(() => {
      this.idleTimers.delete(role);
      const slot = this.slots.get(role);
      if (slot?.isIdle !== true) return;
      this.dependencies.log(`unloading the ${role} model, which nobody has used for a while`);
      // What goes wrong while it is freed is logged by the slot.
      void slot.unload();
    }, idleMs);
    this.idleTimers.set(role, callOff);
  }

  /** The engine hands out one model for the same file and options: it is freed with the last role it plays. */
  private async close({ model, estimator }: ServingModel): Promise<void> {
    const isShared = [...this.slots.values()].some((slot) => slot.served === model);
    if (!isShared) await model.dispose();
    await estimator.dispose();
  }

  private lose(error: CodedError): void {
    for (const [role, slot] of this.slots) {
      if (!slot.lose(error)) continue;
      this.dependencies.log(`the engine died under the ${role} model: ${error.message}`);
      if (role === 'questions') this.dependencies.health.set({ state: 'failed', error: error.toData() });
    }
  }
}

function adapterOf({ adapter, adapterScale }: ModelSettings): AdapterRequest | undefined {
  return adapter === '' ? undefined : { path: adapter, scale: adapterScale };
}

function removedError(name: string) {
  return new CodedError(
    'model.missing',
    `The model ${name} has been removed from this machine.`,
    'Choose another model, or fetch this one again.',
  ).toData();
}
