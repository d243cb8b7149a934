import { CodedError, toCodedError } from '../../protocol/codedError.ts';
import type { DifficultyReport, SidecarSettings } from '../../protocol/messages.ts';
import { isSufficient } from '../reasoning/difficulty/sufficientModel.ts';
import type { ModelOwner } from './modelOwner.ts';
import type { ModelLease } from './modelSlot.ts';

export interface RouterParts {
  readonly owner: Pick<ModelOwner, 'assign' | 'acquire'>;
  readonly settings: () => SidecarSettings;
  readonly log: (line: string) => void;
}

export interface Route {
  readonly lease: ModelLease;
  /** Why this model, in one sentence; null where there was nothing to choose among. */
  readonly why: string | null;
  /** Whether it is the one that serves all other requests. */
  readonly isDefault: boolean;
}

/** Finds the smallest model that suffices for a question. Each model is loaded once, in a role of its own. */
export class ModelRouter {
  readonly #parts: RouterParts;

  constructor(parts: RouterParts) {
    this.#parts = parts;
  }

  /** A lease on an installed model by name or path; on the default one for null. Throws as `ModelOwner.acquire` does. */
  async lease(model: string | null, signal: AbortSignal): Promise<ModelLease> {
    const { owner, settings } = this.#parts;
    if (model === null || model === settings().model) return owner.acquire(signal);
    // Drafts and adapters are the default model's.
    owner.assign(`path:${model}`, { ...settings(), model, draftModel: '', adapter: '' });
    return owner.acquire(signal, `path:${model}`);
  }

  /**
   * The first of `models`, smallest first, that suffices; the default one where none does. `judge` says how hard the
   * question is for a model, null where it cannot. A model that cannot be loaded for want of memory is passed over; one
   * that is missing throws.
   */
  async route(
    models: readonly string[],
    judge: (lease: ModelLease) => Promise<Pick<DifficultyReport, 'difficulty'> | null>,
    signal: AbortSignal,
  ): Promise<Route> {
    const tooHardFor: string[] = [];
    for (const model of models) {
      const lease = await this.#leaseWhereRoom(model, signal);
      if (lease === null) continue;
      const { name } = lease.model.info.identity;
      try {
        const judged = await judge(lease);
        if (judged !== null && isSufficient(judged.difficulty)) {
          const why = `${name} is enough for it: the question is ${judged.difficulty} for that model.`;
          return { lease, why, isDefault: false };
        }
        if (judged !== null) tooHardFor.push(name);
      } catch (thrown) {
        lease.release();
        throw thrown;
      }
      lease.release();
    }
    const lease = await this.lease(null, signal);
    const why = tooHardFor.length === 0 ? null : `The question is too hard for ${tooHardFor.join(' and ')}.`;
    return { lease, why, isDefault: true };
  }

  async #leaseWhereRoom(model: string, signal: AbortSignal): Promise<ModelLease | null> {
    try {
      return await this.lease(model, signal);
    } catch (thrown) {
      if (!(thrown instanceof CodedError) || thrown.code !== 'memory.insufficient') throw thrown;
      this.#parts.log(`routing passes over ${model}: ${toCodedError(thrown).message}`);
      return null;
    }
  }
}
