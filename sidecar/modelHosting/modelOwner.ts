import { basename } from 'node:path';
import { CodedError, toCodedError } from '../../protocol/codedError.ts';
import { counted } from '../../protocol/counted.ts';
import type { ModelHealth, ModelPace } from '../../protocol/health.ts';
import type { ServingRole } from '../../protocol/messages.ts';
import { hostOf, readServerModel } from '../../protocol/serverAddress.ts';
import { describeSource, fileSource, type ServerSource } from '../engine/engineSource.ts';
import type { AdapterRequest, Engine, LoadOptions, Model, ModelInfo } from '../engine/engine.ts';
import { requireLocal } from '../engine/requireLocal.ts';
import type { LoadedModels } from './loadedModels.ts';
import { knownIdentity } from '../models/modelStore.ts';
import type { LoadedEstimator } from '../request/difficultyEstimator.ts';
import { present } from '../validation/fieldReader.ts';
import { chooseDraft, type DraftLookup, notesOnDrafts } from './draftChoice.ts';
import type { HealthValue } from './healthValue.ts';
import type { StartupBenchmark } from './startupBenchmark.ts';
import { type ModelLease, type ModelSettings, ModelSlot, type ServingModel } from './modelSlot.ts';

/**
 * What a model is for. `questions` answers them, and may write completions where no model has that role; both are in health.
 * `fast` answers what is easy; any other file is a role of its own. Only one model plays a role at a time.
 */
export type ModelRole = ServingRole | 'fast' | `path:${string}`;

export interface ModelOwnerDependencies extends DraftLookup {
  readonly engine: Engine;
  readonly health: HealthValue;
  /** The server's model of this name; null for the name of a file. Throws `server.unknown`. */
  readonly serverOf: (name: string) => ServerSource | null;
  /** The judge of difficulty that goes with a model. */
  readonly loadEstimator: (info: ModelInfo) => Promise<LoadedEstimator>;
  /** Called just before a model that serves is replaced or removed, to end the requests on it as cancelled. */
  readonly beforeRelease: (role: ModelRole) => void;
  /** Where prefixes of this workspace may be kept on disk; null where no workspace is open. */
  readonly prefixFolder: () => string | null;
  /** What this process and others of its store have loaded. */
  readonly loadedModels: () => Pick<LoadedModels, 'enter' | 'inTurn' | 'leave'>;
  /** Measures the models for questions and completions while nobody needs one. */
  readonly benchmark: Pick<StartupBenchmark, 'idle' | 'paceOf' | 'wanted'>;
  readonly log: (line: string) => void;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** How long a model that does not write completions stays loaded without a lease, in milliseconds; 0 for good. */
  readonly idleMs: () => number;
  /** Runs something later; the returned function calls it off. */
  readonly schedule: (run: () => void, delayMs: number) => () => void;
}

/** The roles that health has. */
const servingRoles: readonly ServingRole[] = ['questions', 'completions'];
/** Most questions and completions at once; the candidates of each are forked and come beside. */
const maxSequences = 32;

/**
 * Owns every loaded model, one a role. Loads in the background: nothing here blocks a message. Where memory is short,
 * models without a lease are unloaded, least recently used first, and loaded again when they are asked for; the
 * one for questions never makes room for another, and the one for completions for that alone. What nobody uses for a while
 * is unloaded, but for the model that writes completions.
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
    const slot = this.slot(role);
    const before = slot.wanted;
    slot.assign(settings);
    if (role !== 'completions' || slot.wanted === before) return;
    this.dependencies.health.setCompletions(settings === null ? null : { state: 'starting' });
    // Which model may be unloaded depends on which one writes completions.
    for (const each of servingRoles) {
      if (this.slots.get(each)?.isIdle === true) this.unloadLater(each);
    }
  }

  /** Resolves when what is being loaded for a role is loaded or has failed; at once where nothing is. */
  async loaded(role: ModelRole): Promise<void> {
    await this.slots.get(role)?.loaded();
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
    this.dependencies.benchmark.wanted();
    return this.slot(role).acquire(signal);
  }

  /** Unloads the model that nobody has used for longest, but for the one that writes completions: memory is short. */
  async relieve(): Promise<void> {
    const idle = this.leastRecentlyUsed((role) => role === this.completingRole);
    if (idle === null) return;
    this.dependencies.log(`memory is short: unloading the ${nameOfRole(idle.role)}`);
    await idle.slot.unload('memory');
  }

  /** Forgets the model at this path, whatever its roles, so that the file can be deleted. */
  async release(path: string): Promise<void> {
    for (const [role, slot] of this.slots) {
      const name = await slot.forget(path);
      if (name !== null) this.tell(role, { state: 'noModel', error: removedError(name) });
    }
  }

  /** Lets go of the models of these servers, which are opened anew when they are asked for. Requests on them end as cancelled. */
  dropServers(addresses: ReadonlySet<string>): void {
    for (const slot of this.slots.values()) {
      const server = readServerModel(slot.wanted?.model ?? '');
      if (server !== null && addresses.has(server.address)) slot.drop();
    }
  }

  async dispose(): Promise<void> {
    this.disposal.abort();
    for (const callOff of this.idleTimers.values()) callOff();
    await this.dependencies.engine.dispose();
    const served = [...this.slots.values()].flatMap((slot) => slot.served?.info.local?.path ?? []);
    for (const path of served) await this.dependencies.loadedModels().leave(path);
    await Promise.all([...this.slots.values()].map((slot) => slot.dispose()));
  }

  private slot(role: ModelRole): ModelSlot {
    const known = this.slots.get(role);
    if (known !== undefined) return known;
    const { beforeRelease, log, now } = this.dependencies;
    const slot = new ModelSlot({
      open: (settings, onFound, gone) => this.open(role, settings, { onFound, gone }),
      close: (serving) => this.close(serving),
      beforeRelease: () => {
        beforeRelease(role);
      },
      onIdle: () => {
        this.unloadLater(role);
        this.measureLater(role);
      },
      tell: (next) => {
        this.tell(role, next);
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
    const server = this.dependencies.serverOf(settings.model);
    if (server !== null) return this.openServer(server, settings, step);
    const file = await this.dependencies.resolve(settings.model);
    step.onFound(file.name);
    const draft = await chooseDraft(settings.draftModel, file, this.dependencies, this.disposal.signal);
    await step.gone;
    const onOthers = await this.enter(file.name, file.path);
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
      thinkingForm: settings.thinkingForm,
      memoryBytesLimit: settings.memoryBytesLimit,
      prefixBytes: settings.prefixBytesLimit,
      ...present({ identity: knownIdentity(file), prefixFiles, adapter: adapterOf(settings) }),
    });
    const onDrafts = [
      ...draft.notes,
      ...notesOnDrafts(model.info.local?.drafts ?? [], (file) => basename(file)),
    ];
    for (const note of onDrafts) this.dependencies.log(note);
    const { estimator, notes } = await this.dependencies.loadEstimator(model.info);
    return { model, estimator, notes: [...notes, ...onDrafts, ...onOthers] };
  }

  /** Nothing of it is on this machine: it takes no memory, has no drafts here and is measured by nobody. */
  private async openServer(
    server: ServerSource,
    { contextTokens, threads, thinkingForm }: ModelSettings,
    step: { readonly onFound: (name: string) => void; readonly gone: Promise<void> },
  ): Promise<ServingModel> {
    step.onFound(describeSource(server));
    await step.gone;
    const options = { contextTokens, maxSequences, threads, speculation: 'off', thinkingForm } as const;
    const model = await this.dependencies.engine.open(server, options, this.disposal.signal);
    const { estimator, notes } = await this.dependencies.loadEstimator(model.info);
    const name = `${model.info.identity.name} at ${hostOf(server.address)}`;
    return { model, estimator, notes, name };
  }

  /** Says that a file is being loaded, and what it means that other processes have it: said before it is tried. */
  private async enter(name: string, path: string): Promise<readonly string[]> {
    const others = await this.dependencies.loadedModels().enter(path);
    if (others.length === 0) return [];
    const who = others.length === 1 ? 'another process' : `${others.length} other processes`;
    const note =
      `${name} will be in memory more than once: ${who} of Entropane (id ${others.join(', ')}) ${others.length === 1 ? 'has' : 'have'} it, too. ` +
      'Close the other window or program, or choose a smaller model in one of them.';
    this.dependencies.log(note);
    return [note];
  }

  private async leave(path: string): Promise<void> {
    const isServed = [...this.slots.values()].some((slot) => slot.served?.info.local?.path === path);
    if (!isServed) await this.dependencies.loadedModels().leave(path);
  }

  /** Loads, and as long as memory is short unloads what nobody uses. */
  private async loadMakingRoom(role: ModelRole, path: string, options: LoadOptions): Promise<Model> {
    for (;;) {
      try {
        return await this.loadInTurn(path, options);
      } catch (thrown) {
        const stays = (other: ModelRole): boolean =>
          other === 'questions' || other === role || (other === 'completions' && role !== 'questions');
        const isShort = toCodedError(thrown).code === 'memory.insufficient';
        const idle = isShort ? this.leastRecentlyUsed(stays) : null;
        if (idle === null) {
          await this.leave(path);
          throw thrown;
        }
        this.dependencies.log(`unloading the ${nameOfRole(idle.role)} to make room`);
        await idle.slot.unload('memory');
      }
    }
  }

  private loadInTurn(path: string, options: LoadOptions): Promise<Model> {
    const { loadedModels, engine, log } = this.dependencies;
    const { signal } = this.disposal;
    return loadedModels().inTurn(
      path,
      {
        load: (elsewhere) => engine.open(fileSource(path), { ...options, elsewhere }, signal),
        taken: ({ info }) => {
          const { memoryBytes, mappedBytes } = requireLocal(info);
          return { name: info.identity.name, sizeBytes: memoryBytes, mappedBytes };
        },
        onWait: () => {
          log(`${basename(path)} is loaded as soon as no other model is being loaded`);
        },
      },
      signal,
    );
  }

  /** The idle model that may be unloaded first. */
  private leastRecentlyUsed(
    stays: (role: ModelRole) => boolean,
  ): { readonly role: ModelRole; readonly slot: ModelSlot } | null {
    const idle = [...this.slots]
      .filter(([role, slot]) => !stays(role) && slot.isIdle)
      .map(([role, slot]) => ({ role, slot }));
    return idle.toSorted((a, b) => a.slot.lastUsedMs - b.slot.lastUsedMs)[0] ?? null;
  }

  /** The role whose model writes completions: the next key may need it. */
  private get completingRole(): ModelRole {
    return (this.slots.get('completions')?.wanted ?? null) === null ? 'questions' : 'completions';
  }

  /** A model was measured: health says so of each role that it plays. */
  notePace(model: Model, pace: ModelPace): void {
    for (const role of servingRoles) {
      if (this.slots.get(role)?.served === model) this.dependencies.health.setPace(role, pace);
    }
  }

  private tell(role: ModelRole, next: ModelHealth): void {
    if (role === 'questions') this.dependencies.health.set(next);
    if (role === 'completions') this.dependencies.health.setCompletions(next);
    const serving = next.state === 'ready' ? this.inUse(role) : null;
    if (serving === null) return;
    const pace = this.dependencies.benchmark.paceOf(serving.model, serving.threads);
    if (pace !== null) this.notePace(serving.model, pace);
  }

  private measureLater(role: ModelRole): void {
    const serving = this.inUse(role);
    if (serving !== null) this.dependencies.benchmark.idle(serving.model, serving.threads);
  }

  /** The model that plays a role of health, with the threads that were asked for; null for other roles. */
  private inUse(role: ModelRole): { readonly model: Model; readonly threads: number } | null {
    const slot = servingRoles.some((each) => each === role) ? this.slots.get(role) : undefined;
    const [model, wanted] = [slot?.served ?? null, slot?.wanted ?? null];
    // A server's model is not this machine's to measure.
    return model === null || model.info.local === null || wanted === null
      ? null
      : { model, threads: wanted.threads };
  }

  private unloadLater(role: ModelRole): void {
    const idleMs = this.dependencies.idleMs();
    this.idleTimers.get(role)?.();
    if (role === this.completingRole || idleMs <= 0) return;
    const callOff = this.dependencies.schedule(() => {
      this.idleTimers.delete(role);
      const slot = this.slots.get(role);
      if (slot?.isIdle !== true || role === this.completingRole) return;
      const minutes = counted(Math.round(idleMs / 60_000), 'minute');
      this.dependencies.log(`unloading the ${nameOfRole(role)}, which nobody has used for ${minutes}`);
      // What goes wrong while it is freed is logged by the slot.
      void slot.unload('unused');
    }, idleMs);
    this.idleTimers.set(role, callOff);
  }

  /** The engine hands out one model for the same file and options: it is freed with the last role it plays. */
  private async close({ model, estimator }: ServingModel): Promise<void> {
    const isShared = [...this.slots.values()].some((slot) => slot.served === model);
    if (!isShared) await model.dispose();
    await estimator.dispose();
    if (model.info.local !== null) await this.leave(model.info.local.path);
  }

  private lose(error: CodedError): void {
    for (const [role, slot] of this.slots) {
      const path = slot.served?.info.local?.path;
      if (!slot.lose(error)) continue;
      if (path !== undefined) void this.leave(path);
      this.dependencies.log(`the engine died under the ${nameOfRole(role)}: ${error.message}`);
      this.tell(role, { state: 'failed', error: error.toData() });
    }
  }
}

function nameOfRole(role: ModelRole): string {
  if (role === 'questions' || role === 'completions') return `model for ${role}`;
  return role === 'fast' ? 'fast model' : `model ${role.slice('path:'.length)}`;
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
