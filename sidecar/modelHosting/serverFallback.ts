import { CodedError, toCodedError } from '../../protocol/codedError.ts';
import type { Health, ServerStandIn } from '../../protocol/health.ts';
import type { SidecarSettings } from '../../protocol/messages.ts';
import { hostOf, isServerModel, readServerModel } from '../../protocol/serverAddress.ts';
import { isServerAway, tooSlow } from '../engine/remote/serverFailure.ts';
import type { ModelFile } from '../models/modelStore.ts';
import { localModelOf } from '../validation/localModel.ts';
import type { ModelOwner } from './modelOwner.ts';
import { type ModelLease, settingsBeside } from './modelSlot.ts';

/** How long a question waits for a server: until it is opened, and until it says that its model is still there. */
export interface FallbackLimits {
  readonly openingMs: number;
  readonly answerMs: number;
  /** Until a server that is away is looked at again, doubled each time. */
  readonly firstLookMs: number;
  readonly longestLookMs: number;
}

export const usualFallbackLimits: FallbackLimits = {
  openingMs: 20_000,
  answerMs: 5_000,
  firstLookMs: 5_000,
  longestLookMs: 60_000,
};

export interface FallbackDependencies {
  readonly owner: Pick<ModelOwner, 'assign' | 'acquire'>;
  readonly settings: () => SidecarSettings;
  /** Whether the client wants this. */
  readonly isOn: () => boolean;
  /** Throws `model.missing`. */
  readonly resolve: (nameOrPath: string) => Promise<ModelFile>;
  /** Says in health what answers in the place of the server; null where it answers itself. */
  readonly tell: (standIn: ServerStandIn | null) => void;
  readonly log: (line: string) => void;
  /** Runs something later; the returned function calls it off. */
  readonly schedule: (run: () => void, delayMs: number) => () => void;
  /** Default `usualFallbackLimits`. */
  readonly limits?: FallbackLimits;
}

/** A lease on a model that answers. */
export interface AnsweringLease {
  readonly lease: ModelLease;
  /** Why it is not the model of the settings, in one or two sentences; null where it is. */
  readonly away: string | null;
}

/** A server that is away. */
interface AwayServer {
  /** The `model` setting that names it. */
  readonly model: string;
  readonly error: CodedError;
  readonly waitMs: number;
  readonly callOff: () => void;
}

/**
 * Gives questions the model of the settings, or where that is a server's that is away a model of this machine: the one for
 * completions, or the default one. While a server is away no question waits for it; it is looked at now and then, and used
 * again once it is back. What is wrong with a server in other ways, such as its key, fails as it is.
 */
export class ServerFallback {
  readonly #dependencies: FallbackDependencies;
  readonly #limits: FallbackLimits;
  readonly #disposal = new AbortController();
  #away: AwayServer | null = null;

  constructor(dependencies: FallbackDependencies) {
    this.#dependencies = dependencies;
    this.#limits = dependencies.limits ?? usualFallbackLimits;
  }

  /** Throws as `ModelOwner.acquire` does; where neither the server nor a model of this machine can be had, what is wrong with both. */
  async lease(signal: AbortSignal): Promise<AnsweringLease> {
    const { owner, settings, isOn } = this.#dependencies;
    const { model } = settings();
    if (!isOn() || !isServerModel(model)) return { lease: await owner.acquire(signal), away: null };
    if (this.#away?.model === model) return this.#local(this.#away.error, signal);
    try {
      return { lease: await this.#arrive(model, signal), away: null };
    } catch (thrown) {
      return this.inPlaceOf(thrown, signal);
    }
  }

  /**
   * A model of this machine, after a failure of the server that was asked. Throws that failure where it does not mean that
   * the server is away.
   */
  async inPlaceOf(thrown: unknown, signal: AbortSignal): Promise<AnsweringLease> {
    const error = toCodedError(thrown);
    const { model } = this.#dependencies.settings();
    if (signal.aborted || !isServerAway(error.code) || !this.#mayFallBack(model)) throw thrown;
    this.#noteAway(model, error, this.#limits.firstLookMs);
    return this.#local(error, signal);
  }

  /** Takes note where the model for questions failed to load, before anything is asked of it. */
  see(health: Health): void {
    const { model } = this.#dependencies.settings();
    if (health.state !== 'failed' || this.#away !== null || !this.#mayFallBack(model)) return;
    if (isServerAway(health.error.code))
      this.#noteAway(model, CodedError.fromData(health.error), this.#limits.firstLookMs);
  }

  /** Forgets a server that the settings no longer name, or that was added anew. */
  settingsChanged({ isAnew = false }: { readonly isAnew?: boolean } = {}): void {
    if (this.#away === null) return;
    const { model, error } = this.#away;
    if (isAnew || model !== this.#dependencies.settings().model) this.#forget();
    // Another model of this machine may answer from now on.
    else void this.#tellStandIn(model, error);
  }

  dispose(): void {
    this.#disposal.abort();
    this.#away?.callOff();
  }

  #mayFallBack(model: string): boolean {
    return this.#dependencies.isOn() && isServerModel(model) && !this.#disposal.signal.aborted;
  }

  /** A lease on the server's model, once the server has said that it is there. */
  async #arrive(model: string, signal: AbortSignal): Promise<ModelLease> {
    const { owner } = this.#dependencies;
    const address = readServerModel(model)?.address ?? model;
    const lease = await within(this.#limits.openingMs, { address, signal }, (bounded) =>
      owner.acquire(bounded),
    );
    try {
      await within(this.#limits.answerMs, { address, signal }, (bounded) =>
        lease.model.requireThere(bounded),
      );
      return lease;
    } catch (thrown) {
      lease.release();
      throw thrown;
    }
  }

  async #local(error: CodedError, signal: AbortSignal): Promise<AnsweringLease> {
    const { owner, settings, resolve } = this.#dependencies;
    const name = localModelOf(settings());
    try {
      await resolve(name);
      owner.assign(`path:${name}`, settingsBeside(settings(), name));
      const lease = await owner.acquire(signal, `path:${name}`);
      const answering = lease.model.info.identity.name;
      return { lease, away: `${error.message} ${answering} on this machine answers in its place.` };
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      const { message, remedy } = toCodedError(thrown);
      const text = `${error.message} No model of this machine can answer in its place: ${message}`;
      throw new CodedError(error.code, text, `${error.remedy} ${remedy}`, { cause: thrown });
    }
  }

  #noteAway(model: string, error: CodedError, waitMs: number): void {
    const { log, schedule } = this.#dependencies;
    if (this.#away === null) log(`questions go to a model of this machine: ${error.message}`);
    this.#away?.callOff();
    const callOff = schedule(() => void this.#look(model), waitMs);
    this.#away = { model, error, waitMs, callOff };
    void this.#tellStandIn(model, error);
  }

  /** Never rejects. Says nothing where no model of this machine can answer: then health has what is wrong. */
  async #tellStandIn(model: string, error: CodedError): Promise<void> {
    const { resolve, settings, tell } = this.#dependencies;
    const file = await resolve(localModelOf(settings())).catch(() => null);
    if (file === null || this.#away?.model !== model) return;
    tell({
      modelName: file.name,
      host: hostOf(readServerModel(model)?.address ?? model),
      why: error.message,
    });
  }

  /** Looks whether a server is back. Never rejects. */
  async #look(model: string): Promise<void> {
    const { settings, log } = this.#dependencies;
    const away = this.#away;
    if (away?.model !== model || settings().model !== model) return;
    try {
      (await this.#arrive(model, this.#disposal.signal)).release();
      log(`${readServerModel(model)?.address ?? model} is back`);
    } catch (thrown) {
      const error = toCodedError(thrown);
      if (this.#away !== away || this.#disposal.signal.aborted) return;
      if (isServerAway(error.code)) {
        this.#noteAway(model, error, Math.min(this.#limits.longestLookMs, away.waitMs * 2));
        return;
      }
      // It is there, and something else is wrong with it: the next question says what.
    }
    if (this.#away === away) this.#forget();
  }

  #forget(): void {
    this.#away?.callOff();
    this.#away = null;
    this.#dependencies.tell(null);
  }
}

/** Throws `server.slow` where the work takes longer; what the caller calls off is cancelled. */
async function within<T>(
  limitMs: number,
  { address, signal }: { readonly address: string; readonly signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const outOfTime = AbortSignal.timeout(limitMs);
  try {
    return await work(AbortSignal.any([signal, outOfTime]));
  } catch (thrown) {
    if (outOfTime.aborted && !signal.aborted) throw tooSlow(address, limitMs);
    throw thrown;
  }
}
