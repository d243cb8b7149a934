import { realpath } from 'node:fs/promises';
import { CodedError, toCodedError } from '../../protocol/codedError.ts';
import type { SidecarSettings } from '../../protocol/messages.ts';
import { isServerModel } from '../../protocol/serverAddress.ts';
import type { ModelFile } from '../models/modelStore.ts';
import type { ModelOwner } from './modelOwner.ts';
import { type ModelLease, type ModelSettings, settingsBeside, untilAborted } from './modelSlot.ts';

export interface CompletionModelDependencies {
  readonly owner: Pick<ModelOwner, 'acquire' | 'assign' | 'load' | 'loaded'>;
  /** Throws `model.missing`. */
  readonly resolve: (nameOrPath: string) => Promise<ModelFile>;
  /** Says in health why the model for questions writes completions; null where nothing is to be said. */
  readonly note: (text: string | null) => void;
  readonly log: (line: string) => void;
}

/**
 * The model that writes completions: the one that the settings name, or the model for questions where they name none or the
 * same file, and where the named one cannot be had. It is loaded once the model for questions is, so that what is found too
 * large is this one. Where that happens health says so, and it is tried again with the next choice.
 */
export class CompletionModel {
  readonly #dependencies: CompletionModelDependencies;
  #hasOwn = false;
  /** Counts choices, so that one that was overtaken does nothing more. */
  #generation = 0;
  #choosing: Promise<void> = Promise.resolve();
  /** The load ahead, which waits for the model for questions. */
  #loading: Promise<void> = Promise.resolve();

  constructor(dependencies: CompletionModelDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Takes the choice from the settings, and begins to load what they name. Called when the model for questions is being loaded,
   * if it is to be. Resolves once it is known whether completions have a model of their own; never rejects.
   */
  choose(settings: SidecarSettings): Promise<void> {
    this.#generation += 1;
    this.#choosing = this.#take(settings, this.#generation);
    return this.#choosing;
  }

  /** A lease on it once it is ready. Throws as `ModelOwner.acquire` does for the model for questions. */
  async acquire(signal: AbortSignal): Promise<ModelLease> {
    await untilAborted(
      this.#choosing.then(() => this.#loading),
      signal,
    );
    const { owner } = this.#dependencies;
    if (!this.#hasOwn) return owner.acquire(signal);
    const generation = this.#generation;
    try {
      return await owner.acquire(signal, 'completions');
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      this.#giveUp(toCodedError(thrown), generation);
      return owner.acquire(signal);
    }
  }

  async #take(settings: SidecarSettings, generation: number): Promise<void> {
    try {
      const own = await this.#ownSettings(settings);
      if (generation !== this.#generation) return;
      this.#dependencies.note(null);
      this.#hasOwn = own !== null;
      this.#dependencies.owner.assign('completions', own);
      this.#loading = own === null ? Promise.resolve() : this.#load(own, generation);
    } catch (thrown) {
      this.#giveUp(toCodedError(thrown), generation);
    }
  }

  /** Null where the model for questions is to write completions. */
  async #ownSettings(settings: SidecarSettings): Promise<ModelSettings | null> {
    const { model, completionModel } = settings;
    if (completionModel === '' || completionModel === model) return null;
    if (isServerModel(completionModel)) return settingsBeside(settings, completionModel);
    const [own, questions] = await Promise.all([
      this.#fileOf(completionModel),
      // One that is not here is another file, and its own health says that it is missing.
      this.#fileOf(model).catch(() => null),
    ]);
    return own === questions ? null : settingsBeside(settings, completionModel);
  }

  async #fileOf(nameOrPath: string): Promise<string> {
    const { path } = await this.#dependencies.resolve(nameOrPath);
    return realpath(path).catch(() => path);
  }

  /** Never rejects. */
  async #load(own: ModelSettings, generation: number): Promise<void> {
    const { owner } = this.#dependencies;
    await owner.loaded('questions');
    if (generation !== this.#generation) return;
    try {
      const { model } = await owner.load(own, 'completions');
      if (model.info.local === null && model.info.infill === null)
        this.#giveUp(completesNothing(model.info.identity.name), generation);
    } catch (thrown) {
      this.#giveUp(toCodedError(thrown), generation);
    }
  }

  #giveUp(error: CodedError, generation: number): void {
    if (generation !== this.#generation) return;
    this.#hasOwn = false;
    this.#dependencies.owner.assign('completions', null);
    const { message, remedy } = error;
    const text = `The model for questions writes completions too, as the one chosen for them was not loaded: ${message} ${remedy}`;
    this.#dependencies.log(text);
    this.#dependencies.note(text);
  }
}

function completesNothing(name: string): CodedError {
  return new CodedError(
    'completion.unsupported',
    `${name} cannot complete in the middle of code: its server has no way to ask it for that.`,
    'Choose a model of this machine for completions.',
  );
}
