import { toCodedError } from '../../protocol/codedError.ts';
import type { SidecarSettings } from '../../protocol/messages.ts';
import type { LossyQuality } from '../../protocol/traceEvent.ts';
import type { Model } from '../engine/engine.ts';
import type { GgufHeader } from '../gguf/ggufHeader.ts';
import { readGgufHeader } from '../gguf/readGgufHeader.ts';
import { tokenizerDifference } from '../gguf/tokenizerDifference.ts';
import { prunedSourceOf } from '../layerSkip/prunedHeader.ts';
import type { SkipProfileStore } from '../layerSkip/skipProfileStore.ts';
import type { FastModelAccess, FastModelLease } from '../strategies/fastModel.ts';
import type { ModelOwner } from './modelOwner.ts';

export interface FastModelParts {
  readonly owner: Pick<ModelOwner, 'acquire' | 'assign' | 'load'>;
  readonly profiles: () => SkipProfileStore;
  readonly log: (line: string) => void;
}

/** The model that the settings choose for what is easy: loaded when it is first needed, checked, and labelled. */
export class FastModel implements FastModelAccess {
  readonly #parts: FastModelParts;
  #isChosen = false;

  constructor(parts: FastModelParts) {
    this.#parts = parts;
  }

  /** Takes the choice from the settings. Loads it ahead only where completions would otherwise wait for it. */
  choose(settings: SidecarSettings): void {
    const { owner } = this.#parts;
    this.#isChosen = settings.fastModel !== '';
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
      const difference = tokenizerDifference(header, await readGgufHeader(whole.info.path));
      if (difference === null && lease.model.info.path !== whole.info.path) {
        return { model: lease.model, quality: await this.#qualityOf(header, lease.model.info.path), release };
      }
      this.#parts.log(
        `the fast model cannot stand in for ${whole.info.identity.name}: ${difference ?? 'it is the same'}`,
      );
      release();
      return null;
    } catch (thrown) {
      release();
      if (signal.aborted) throw thrown;
      this.#parts.log(`without a fast model: ${toCodedError(thrown).message}`);
      return null;
    }
  }

  /** The latest measurement of this very file, from the profile of the model that it was pruned from. */
  async #qualityOf(header: GgufHeader, path: string): Promise<LossyQuality | null> {
    const source = prunedSourceOf(header);
    const profile = source === null ? null : await this.#parts.profiles().read(source);
    const measured = profile?.measurements.find((measurement) => measurement.path === path);
    if (measured === undefined) return null;
    const { perplexityRatio, greedyAgreement } = measured.quality;
    return { perplexityRatio, greedyAgreement, decodeSpeedRatio: measured.decodeSpeed.median };
  }
}
