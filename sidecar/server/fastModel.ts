import { toCodedError } from '../../protocol/codedError.ts';
import type { SidecarSettings } from '../../protocol/messages.ts';
import type { Model } from '../engine/engine.ts';
import type { GgufHeader } from '../gguf/ggufHeader.ts';
import { readGgufHeader } from '../gguf/readGgufHeader.ts';
import { tokenizerDifference } from '../gguf/tokenizerDifference.ts';
import { measurementOf } from '../layerSkip/measurementOf.ts';
import { prunedSourceOf } from '../layerSkip/prunedHeader.ts';
import { directVerdict, type SkipMeasurement } from '../layerSkip/skipProfile.ts';
import type { SkipProfileStore } from '../layerSkip/skipProfileStore.ts';
import type { FastModelAccess, FastModelLease } from '../strategies/fastModel.ts';
import type { ModelOwner } from './modelOwner.ts';

export interface FastModelParts {
  readonly owner: Pick<ModelOwner, 'acquire' | 'assign' | 'load'>;
  readonly profiles: () => SkipProfileStore;
  /** As measurements name it. */
  readonly machine: string;
  readonly log: (line: string) => void;
}

/**
 * The model that the settings choose for what is easy: loaded when it is first needed, checked, and labelled. One that was
 * measured here and does not pay is not used; one that was not measured is, and the log says both, once for each choice.
 */
export class FastModel implements FastModelAccess {
  readonly #parts: FastModelParts;
  #isChosen = false;
  readonly #logged = new Set<string>();

  constructor(parts: FastModelParts) {
    this.#parts = parts;
  }

  /** Takes the choice from the settings. Loads it ahead only where completions would otherwise wait for it. */
  choose(settings: SidecarSettings): void {
    const { owner } = this.#parts;
    this.#isChosen = settings.fastModel !== '';
    this.#logged.clear();
    const own = { ...settings, model: settings.fastModel, draftModel: '', adapter: '' };
    owner.assign('fast', this.#isChosen ? own : null);
    // What fails is logged when the model is asked for.
    if (this.#isChosen && settings.fastCompletions) owner.load(own, 'fast').catch(() => undefined);
  }

  async acquire(whole: Model, signal: AbortSignal): Promise<FastModelLease | null> {
    if (!this.#isChosen) return null;
    let release = (): void => undefined;
    try {
      const lease = await this.#parts.owner.acquire(signal, 'fast');
      release = () => {
        lease.release();
      };
      const header = await readGgufHeader(lease.model.info.path);
      const { path, identity } = lease.model.info;
      const difference = tokenizerDifference(header, await readGgufHeader(whole.info.path));
      if (difference !== null || path === whole.info.path) {
        const why = difference ?? 'it is the same';
        this.#logOnce(`the fast model cannot stand in for ${whole.info.identity.name}: ${why}`);
        release();
        return null;
      }
      const measured = await this.#measurementOf(header, path);
      if (measured === null) {
        this.#logOnce(
          `the fast model ${identity.name} was not measured on this machine, so nobody knows what it is worth: ` +
            `"entropane prune MODEL --compare ${path}" tells`,
        );
        return { model: lease.model, quality: null, release };
      }
      const { pays, why } = directVerdict(measured);
      if (!pays) {
        this.#logOnce(`without the fast model: ${identity.name} does not pay as one. ${why}`);
        release();
        // It would be loaded for nothing, again and again.
        this.#isChosen = false;
        this.#parts.owner.assign('fast', null);
        return null;
      }
      const { perplexityRatio, greedyAgreement } = measured.quality;
      const quality = { perplexityRatio, greedyAgreement, decodeSpeedRatio: measured.decodeSpeed.median };
      return { model: lease.model, quality, release };
    } catch (thrown) {
      release();
      if (signal.aborted) throw thrown;
      this.#logOnce(`without a fast model: ${toCodedError(thrown).message}`);
      return null;
    }
  }

  /** From the profile of the model that it was pruned from. */
  async #measurementOf(header: GgufHeader, path: string): Promise<SkipMeasurement | null> {
    const source = prunedSourceOf(header);
    const profile = source === null ? null : await this.#parts.profiles().read(source);
    return profile === null ? null : measurementOf(profile, { path, header }, this.#parts.machine);
  }

  #logOnce(line: string): void {
    if (this.#logged.has(line)) return;
    this.#logged.add(line);
    this.#parts.log(line);
  }
}
