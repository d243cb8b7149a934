import { realpath } from 'node:fs/promises';
import { CodedError } from '../../../protocol/codedError.ts';
import { onAbort } from '../../process/onAbort.ts';
import { cancelled } from '../cancelled.ts';
import type { Engine, LoadOptions, Model } from '../engine.ts';
import { type EngineSource, unsupportedSource } from '../engineSource.ts';
import { requireLocal } from '../requireLocal.ts';
import { LlamaModel } from './connection/llamaModel.ts';
import { SharedLoad } from './connection/sharedLoad.ts';
import { ThreadConnection } from './connection/threadConnection.ts';
import { TemplateRenderer } from './templating/templateRenderer.ts';
import { admitLoad } from './trial/admitLoad.ts';
import type { FileTrials } from './trial/fileTrials.ts';

export interface LlamaEngineOptions {
  /** Folder with engineThread.cjs, templateProgram.cjs and statistics.wasm; llama.cpp is looked for in `node_modules` at or above it. */
  readonly bundleFolder: string;
  /** Asked for every file before llama.cpp sees it. */
  readonly trials: FileTrials;
}

/** An engine whose native calls may keep its process from exiting. */
export interface HaltingEngine extends Engine {
  /**
   * For a process that exits: lets nothing native begin any more, and blocks the calling thread until what runs is over.
   * False when it is not after so long.
   */
  halt(limitMs: number): boolean;
}

/**
 * The engine that runs GGUF models with llama.cpp on a thread of its own, started with the first load and, should it
 * die, with the next.
 */
export function createLlamaEngine(options: LlamaEngineOptions): HaltingEngine {
  return new LlamaEngine(options);
}

class LlamaEngine implements HaltingEngine {
  readonly #bundleFolder: string;
  readonly #templates: TemplateRenderer;
  readonly #trials: FileTrials;
  /** Loaded models and those under way, by file and options. */
  readonly #loads = new Map<string, SharedLoad<LlamaModel>>();
  readonly #failureListeners = new Set<(error: CodedError) => void>();
  #connection: ThreadConnection | null = null;
  #nextModelId = 0;
  #disposal: Promise<void> | null = null;

  constructor({ bundleFolder, trials }: LlamaEngineOptions) {
    this.#bundleFolder = bundleFolder;
    this.#templates = new TemplateRenderer(bundleFolder);
    this.#trials = trials;
  }

  async open(source: EngineSource, options: LoadOptions, signal: AbortSignal): Promise<Model> {
    if (source.kind !== 'file') throw unsupportedSource(source);
    const { path } = source;
    const file = await realpath(path).catch(() => path);
    if (signal.aborted) throw cancelled();
    if (this.#disposal !== null) {
      throw new CodedError('engine.failed', 'The engine has been shut down.', 'Restart the engine.');
    }
    const key = JSON.stringify({ file, ...options, elsewhere: null });
    const known = this.#loads.get(key);
    const load = known === undefined || known.isCancelled ? this.#start(file, key, options) : known;
    return load.wait(signal);
  }

  onFailed(listener: (error: CodedError) => void): void {
    this.#failureListeners.add(listener);
  }

  dispose(): Promise<void> {
    this.#disposal ??= this.#close();
    return this.#disposal;
  }

  halt(limitMs: number): boolean {
    for (const load of this.#loads.values()) load.cancel();
    return this.#connection?.halt(limitMs) ?? true;
  }

  async #close(): Promise<void> {
    for (const load of this.#loads.values()) load.cancel();
    this.#loads.clear();
    await Promise.all([this.#templates.dispose(), this.#connection?.close()]);
  }

  /** The thread is dead and all models with it: the next load must start another. */
  #lose(error: CodedError): void {
    this.#connection = null;
    this.#loads.clear();
    for (const listener of this.#failureListeners) listener(error);
  }

  #start(path: string, key: string, options: LoadOptions): SharedLoad<LlamaModel> {
    const forget = (): void => {
      if (this.#loads.get(key) === load) this.#loads.delete(key);
    };
    const load = new SharedLoad(async (signal) => {
      try {
        return await this.#load(path, { options, onDispose: forget }, signal);
      } catch (thrown) {
        forget();
        throw thrown;
      }
    });
    this.#loads.set(key, load);
    return load;
  }

  async #load(
    path: string,
    { options, onDispose }: { readonly options: LoadOptions; readonly onDispose: () => void },
    signal: AbortSignal,
  ): Promise<LlamaModel> {
    const files = { path, adapterPath: options.adapter?.path ?? null };
    // A trial reads the whole file: what does not fit is refused before it.
    if (await this.#trials.areUntried(files)) {
      await this.#inSlot(signal, ({ connection, slot }) =>
        connection.call('model/check', { path, options, slot }),
      );
    }
    const admitted = await admitLoad(this.#trials, { path, options }, signal);
    const modelId = this.#nextModelId;
    this.#nextModelId += 1;
    return this.#inSlot(signal, async ({ connection, slot }) => {
      const loaded = await connection.call('model/load', { modelId, path, options: admitted.options, slot });
      const facts = requireLocal(loaded.info);
      const local = { ...facts, drafts: admitted.results(facts.drafts) };
      const info = { ...loaded.info, local };
      return new LlamaModel(
        connection,
        modelId,
        { ...loaded, info },
        { maxSequences: options.maxSequences, templates: this.#templates, onDispose },
      );
    });
  }

  /** Uses the thread, which is started where there is none, with a slot that the signal cancels. */
  async #inSlot<T>(
    signal: AbortSignal,
    use: (held: { readonly connection: ThreadConnection; readonly slot: number }) => Promise<T>,
  ): Promise<T> {
    // The engine may have ended meanwhile, and must not start a thread then.
    if (signal.aborted) throw cancelled();
    this.#connection ??= new ThreadConnection(this.#bundleFolder, (error) => {
      this.#lose(error);
    });
    const connection = this.#connection;
    const slot = connection.takeSlot();
    const stopListening = onAbort(signal, () => {
      connection.control.cancel(slot);
    });
    try {
      return await use({ connection, slot });
    } finally {
      stopListening();
      connection.giveBackSlot(slot);
    }
  }
}
