import { CodedError, toCodedError } from '../../protocol/codedError.ts';
import type { DifficultyReport, SidecarSettings } from '../../protocol/messages.ts';
import type { DifficultyClass } from '../../protocol/traceEvent.ts';
import { mayStandIn, type StandIn } from '../request/standIn.ts';
import { isServerAway } from '../engine/remote/serverFailure.ts';
import type { ModelOwner } from './modelOwner.ts';
import { type ModelLease, settingsBeside } from './modelSlot.ts';
import type { AnsweringLease, ServerFallback } from './serverFallback.ts';

export interface RouterDependencies {
  readonly owner: Pick<ModelOwner, 'assign' | 'acquire'>;
  /** Gives the model of the settings, or what answers in its place. */
  readonly fallback: Pick<ServerFallback, 'lease'>;
  readonly settings: () => SidecarSettings;
  readonly log: (line: string) => void;
}

export interface Route {
  readonly lease: ModelLease;
  /** Why this model, in one sentence; null where there was nothing to choose among. */
  readonly why: string | null;
  /** Why not even the model of the settings: its server is away; null where it is not. */
  readonly away: string | null;
  /** Whether it is the one that serves all other requests. */
  readonly isDefault: boolean;
}

/** What decides among the models of a route. */
export interface RouteChoice {
  /** The user's own word; null where the question is judged. */
  readonly called: DifficultyClass | null;
  /** Finds smaller models that may answer for the one that serves. Throws `model.missing`, as below. */
  readonly standIns: () => Promise<readonly StandIn[]>;
  /** Hash of an installed model by name or path; null for a file that was never hashed. */
  readonly hashOf: (model: string) => Promise<string | null>;
  /** How hard the question is for a model; null where it cannot say. */
  readonly judge: (lease: ModelLease) => Promise<Pick<DifficultyReport, 'difficulty' | 'source'> | null>;
}

/** Finds the model that answers a question. Each model is loaded once, in a role of its own. */
export class ModelRouter {
  readonly #dependencies: RouterDependencies;

  constructor(dependencies: RouterDependencies) {
    this.#dependencies = dependencies;
  }

  /** A lease on a model by name or path; for null on the one that serves, or what answers in its place. Throws as `ModelOwner.acquire` does. */
  async lease(model: string | null, signal: AbortSignal): Promise<AnsweringLease> {
    const { fallback, settings } = this.#dependencies;
    if (model === null || model === settings().model) return fallback.lease(signal);
    return { lease: await this.#leaseOf(model, signal), away: null };
  }

  /**
   * The first of `models`, smallest first, that the user's word or a measurement lets answer; the one that serves where there is
   * none. What the user calls easy goes to the first. What is judged goes only to a model that was measured to be enough for
   * that class. A model that cannot be loaded for want of memory, or whose server is away, is passed over; one that is missing throws.
   */
  async route(models: readonly string[], choice: RouteChoice, signal: AbortSignal): Promise<Route> {
    const { called } = choice;
    if (models.length === 0) return this.#default(null, signal);
    if (called === 'easy') {
      for (const model of models) {
        const lease = await this.#leaseWhereRoom(model, signal);
        if (lease !== null) return named(lease, `You called it easy, so ${nameOf(lease)} answers.`);
      }
      return this.#default('You called it easy, but no smaller model has room in memory.', signal);
    }
    if (called !== null)
      return this.#default(`You called it ${called}, so no smaller model answers.`, signal);
    const standIns = await choice.standIns();
    const tooHardFor: string[] = [];
    for (const model of models) {
      const hash = await choice.hashOf(model);
      const ofModel = standIns.filter((one) => one.role === 'route' && one.model === hash);
      if (ofModel.length === 0) continue;
      const lease = await this.#leaseWhereRoom(model, signal);
      if (lease === null) continue;
      try {
        const judged = await choice.judge(lease);
        const isEnough =
          judged !== null &&
          mayStandIn(ofModel, 'route', { difficulty: judged.difficulty, source: judged.source });
        if (isEnough) {
          const why = `${nameOf(lease)} was measured to be enough for questions that are ${judged.difficulty} for it.`;
          return named(lease, why);
        }
        if (judged !== null) tooHardFor.push(nameOf(lease));
      } catch (thrown) {
        lease.release();
        throw thrown;
      }
      lease.release();
    }
    const why =
      tooHardFor.length === 0
        ? 'No measurement says that a smaller model is enough. Call a question easy to have one answer it.'
        : `The question is too hard for ${tooHardFor.join(' and ')}.`;
    return this.#default(why, signal);
  }

  async #default(why: string | null, signal: AbortSignal): Promise<Route> {
    const answering = await this.lease(null, signal);
    return { ...answering, why, isDefault: answering.away === null };
  }

  #leaseOf(model: string, signal: AbortSignal): Promise<ModelLease> {
    const { owner, settings } = this.#dependencies;
    owner.assign(`path:${model}`, settingsBeside(settings(), model));
    return owner.acquire(signal, `path:${model}`);
  }

  async #leaseWhereRoom(model: string, signal: AbortSignal): Promise<ModelLease | null> {
    try {
      const { owner, settings } = this.#dependencies;
      return await (model === settings().model ? owner.acquire(signal) : this.#leaseOf(model, signal));
    } catch (thrown) {
      if (!(thrown instanceof CodedError)) throw thrown;
      if (thrown.code !== 'memory.insufficient' && !isServerAway(thrown.code)) throw thrown;
      this.#dependencies.log(`routing passes over ${model}: ${toCodedError(thrown).message}`);
      return null;
    }
  }
}

function named(lease: ModelLease, why: string): Route {
  return { lease, why, away: null, isDefault: false };
}

function nameOf(lease: ModelLease): string {
  return lease.model.info.identity.name;
}
