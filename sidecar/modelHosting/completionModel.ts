import { realpath } from 'node:fs/promises';
import { CodedError, toCodedError } from '../../protocol/codedError.ts';
import type { SidecarSettings } from '../../protocol/messages.ts';
import { isServerModel } from '../../protocol/serverAddress.ts';
import type { ModelFile } from '../models/modelStore.ts';
import { defaultSettings } from '../validation/sidecarSettings.ts';
import type { HealthValue } from './healthValue.ts';
import type { ModelOwner } from './modelOwner.ts';
import { type ModelLease, type ModelSettings, settingsBeside, untilAborted } from './modelSlot.ts';

export interface CompletionModelDependencies {
  readonly owner: Pick<ModelOwner, 'acquire' | 'assign' | 'load' | 'loaded'>;
  /** Throws `model.missing`. */
  readonly resolve: (nameOrPath: string) => Promise<ModelFile>;
  readonly health: Pick<HealthValue, 'note' | 'setCompletions'>;
  readonly log: (line: string) => void;
}

type ModelChoice = Pick<SidecarSettings, 'model' | 'completionModel'>;

/**
 * The model that writes completions: the one that the settings name, or the model for questions where they name none or the
 * same file, and where the named one cannot be had. It is loaded once a file for questions is, so that what is found too
 * large is this one. Where that happens health says so, and it is tried again with the next choice.
 *
 * A server's model writes completions only where `completionModel` names it: what is typed goes to no server otherwise. Where the
 * model for questions is a server's and the one for completions cannot be had, nothing writes them, and health says why.
 */
export class CompletionModel {
  readonly #dependencies: CompletionModelDependencies;
  #hasOwn = false;
  /** Of the last choice. */
  #settings: ModelChoice = defaultSettings;
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
    this.#settings = settings;
    this.#choosing = this.#take(settings, this.#generation);
    return this.#choosing;
  }

  /** A lease on it once it is ready. Throws as `ModelOwner.acquire` does, and `model.missing` where nothing is to write completions. */
  async acquire(signal: AbortSignal): Promise<ModelLease> {
    await untilAborted(
      this.#choosing.then(() => this.#loading),
      signal,
    );
    const { owner } = this.#dependencies;
    if (!this.#hasOwn) return this.#shared(signal);
    const generation = this.#generation;
    try {
      return await owner.acquire(signal, 'completions');
    } catch (thrown) {
      if (signal.aborted || !this.#mayShare) throw thrown;
      this.#giveUp(toCodedError(thrown), generation);
      return this.#shared(signal);
    }
  }

  /** Whether the model for questions may write completions. */
  get #mayShare(): boolean {
    const { model, completionModel } = this.#settings;
    return !isServerModel(model) || completionModel === model;
  }

  /** A lease on the model for questions. */
  async #shared(signal: AbortSignal): Promise<ModelLease> {
    if (!this.#mayShare) throw noneChosen();
    const lease = await this.#dependencies.owner.acquire(signal);
    const { model, completionModel } = this.#settings;
    const isNamed = isServerModel(model) && completionModel === model;
    // It may be another one than when it was asked for.
    if (lease.model.info.local !== null || isNamed) return lease;
    lease.release();
    throw noneChosen();
  }

  async #take(settings: SidecarSettings, generation: number): Promise<void> {
    const { owner, health } = this.#dependencies;
    try {
      const own = await this.#ownSettings(settings);
      if (generation !== this.#generation) return;
      health.note('completions', null);
      this.#hasOwn = own !== null;
      owner.assign('completions', own);
      if (own === null)
        health.setCompletions(this.#mayShare ? null : { state: 'noModel', error: noneChosen().toData() });
      this.#loading = own === null ? Promise.resolve() : this.#load(own, generation);
    } catch (thrown) {
      this.#giveUp(toCodedError(thrown), generation);
    }
  }

  /** Null where the model for questions is to write completions, or none. */
  async #ownSettings(settings: SidecarSettings): Promise<ModelSettings | null> {
    const { model, completionModel } = settings;
    if (completionModel === '' || completionModel === model) return null;
    if (isServerModel(completionModel) || isServerModel(model))
      return settingsBeside(settings, completionModel);
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
    const { owner, health } = this.#dependencies;
    // A server takes no memory here, and may take minutes to answer.
    if (!isServerModel(this.#settings.model)) await owner.loaded('questions');
    if (generation !== this.#generation) return;
    try {
      const { model } = await owner.load(own, 'completions');
      if (model.info.local !== null || model.info.infill !== null) return;
      const error = completesNothing(model.info.identity.name);
      if (!this.#mayShare) health.setCompletions({ state: 'failed', error: error.toData() });
      this.#giveUp(error, generation);
    } catch (thrown) {
      this.#giveUp(toCodedError(thrown), generation);
    }
  }

  /** Leaves completions to the model for questions. Where that must not write them the named one stays, with its own health. */
  #giveUp(error: CodedError, generation: number): void {
    if (generation !== this.#generation || !this.#mayShare) return;
    this.#hasOwn = false;
    const { owner, health, log } = this.#dependencies;
    owner.assign('completions', null);
    health.setCompletions(null);
    const { message, remedy } = error;
    const text = `The model for questions writes completions too, as the one chosen for them was not loaded: ${message} ${remedy}`;
    log(text);
    health.note('completions', text);
  }
}

function noneChosen(): CodedError {
  return new CodedError(
    'model.missing',
    'No model is chosen for completions, and the one for questions is a server’s, which is not sent what you type.',
    'Choose a model for completions.',
  );
}

function completesNothing(name: string): CodedError {
  return new CodedError(
    'completion.unsupported',
    `${name} cannot complete in the middle of code: its server has no way to ask it for that.`,
    'Choose a model of this machine for completions.',
  );
}
