import { requireLocal } from '../engine/requireLocal.ts';
import { toCodedError } from '../../protocol/codedError.ts';
import type { SidecarSettings } from '../../protocol/messages.ts';
import type { Model } from '../engine/engine.ts';
import { readGgufHeader } from '../gguf/readGgufHeader.ts';
import { tokenizerDifference } from '../gguf/tokenizerDifference.ts';
import { measurementOf } from '../layerSkip/measurementOf.ts';
import { prunedSourceOf } from '../layerSkip/prunedSource.ts';
import { pruningSha256 } from '../layerSkip/pruningRecord.ts';
import { directVerdict, type SkipMeasurement } from '../layerSkip/skipProfile.ts';
import type { SkipProfileStore } from '../layerSkip/skipProfileStore.ts';
import type { FastModelAccess, FastModelLease } from '../request/fastModelAccess.ts';
import type { ModelOwner } from './modelOwner.ts';
import { settingsBeside } from './modelSlot.ts';

export interface FastModelDependencies {
  readonly owner: Pick<ModelOwner, 'acquire' | 'assign'>;
  readonly profiles: () => SkipProfileStore;
  /** As measurements name it. */
  readonly machine: string;
  readonly log: (line: string) => void;
}

/** What the files of a fast model and a whole one tell. */
interface PairFacts {
  /** Why the one cannot replace the other; null where it can. */
  readonly difference: string | null;
  /** Hash of the model that the fast one was pruned from; null where it was not pruned. */
  readonly sourceSha256: string | null;
  readonly pruningSha256: string;
}

/**
 * The model that the settings choose for what is easy: loaded when it is first needed, checked, and labelled. One that was
 * measured here and does not pay is not used. One that was not measured, or not shown to pay, is used. The log says each once
 * for each choice.
 */
export class FastModel implements FastModelAccess {
  readonly #dependencies: FastModelDependencies;
  #isChosen = false;
  readonly #logged = new Set<string>();
  /** By fast model and whole one: files are read once for as long as both are loaded, not with each completion. */
  readonly #facts = new WeakMap<Model, WeakMap<Model, PairFacts>>();

  constructor(dependencies: FastModelDependencies) {
    this.#dependencies = dependencies;
  }

  /** Takes the choice from the settings. It is loaded when it is first asked for. */
  choose(settings: SidecarSettings): void {
    this.#isChosen = settings.fastModel !== '';
    this.#logged.clear();
    this.#dependencies.owner.assign(
      'fast',
      this.#isChosen ? settingsBeside(settings, settings.fastModel) : null,
    );
  }

  async acquire(whole: Model, signal: AbortSignal): Promise<FastModelLease | null> {
    if (!this.#isChosen) return null;
    let release = (): void => undefined;
    try {
      const lease = await this.#dependencies.owner.acquire(signal, 'fast');
      release = () => {
        lease.release();
      };
      const { identity } = lease.model.info;
      const { path } = requireLocal(lease.model.info);
      const facts = await this.#factsOf(lease.model, whole);
      if (facts.difference !== null) {
        this.#logOnce(`the fast model cannot replace ${whole.info.identity.name}: ${facts.difference}`);
        release();
        return null;
      }
      const measured = await this.#measurementOf(path, facts);
      if (measured === null) {
        this.#logOnce(
          `the fast model ${identity.name} was not measured on this machine, so its quality is unknown. ` +
            `Measure it with "entropane prune MODEL --compare ${path}"`,
        );
        return { model: lease.model, quality: null, release };
      }
      const { finding, why } = directVerdict(measured);
      if (finding === 'doesNotPay') {
        this.#logOnce(`without the fast model: ${identity.name} does not pay as one. ${why}`);
        release();
        // It would be loaded for nothing, again and again.
        this.#isChosen = false;
        this.#dependencies.owner.assign('fast', null);
        return null;
      }
      if (finding === 'notShown')
        this.#logOnce(`the fast model ${identity.name} was not shown to pay. ${why}`);
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

  async #factsOf(fast: Model, whole: Model): Promise<PairFacts> {
    const ofFast = this.#facts.get(fast) ?? new WeakMap<Model, PairFacts>();
    this.#facts.set(fast, ofFast);
    const known = ofFast.get(whole);
    if (known !== undefined) return known;
    const [fastPath, wholePath] = [requireLocal(fast.info).path, requireLocal(whole.info).path];
    const header = await readGgufHeader(fastPath);
    const facts = {
      difference:
        fastPath === wholePath
          ? 'it is the same'
          : tokenizerDifference(header, await readGgufHeader(wholePath)),
      sourceSha256: prunedSourceOf(header),
      pruningSha256: pruningSha256(header),
    };
    ofFast.set(whole, facts);
    return facts;
  }

  /** From the profile of the model that it was pruned from: read anew each time, as it may be measured meanwhile. */
  async #measurementOf(
    path: string,
    { sourceSha256, pruningSha256: sha256 }: PairFacts,
  ): Promise<SkipMeasurement | null> {
    const profile = sourceSha256 === null ? null : await this.#dependencies.profiles().read(sourceSha256);
    const file = { path, pruningSha256: sha256 };
    return profile === null ? null : measurementOf(profile, file, this.#dependencies.machine);
  }

  #logOnce(line: string): void {
    if (this.#logged.has(line)) return;
    this.#logged.add(line);
    this.#dependencies.log(line);
  }
}
