import { realpath } from 'node:fs/promises';
import type { Engine, LoadOptions, Model } from '../engine.ts';
import { LlamaModel } from './llamaModel.ts';
import { cancelled } from './slotGate.ts';
import { ThreadConnection } from './threadConnection.ts';

export interface LlamaEngineOptions {
  /** Folder with engineThread.cjs and statistics.wasm; llama.cpp is looked for in `node_modules` at or above it. */
  readonly bundleFolder: string;
}

/** The engine that runs GGUF models with llama.cpp on a thread of its own, started with the first load. */
export function createLlamaEngine(options: LlamaEngineOptions): Engine {
  return new LlamaEngine(options);
}

class LlamaEngine implements Engine {
  readonly #bundleFolder: string;
  readonly #models = new Map<string, Promise<LlamaModel>>();
  #connection: ThreadConnection | null = null;
  #nextModelId = 0;

  constructor({ bundleFolder }: LlamaEngineOptions) {
    this.#bundleFolder = bundleFolder;
  }

  async load(path: string, options: LoadOptions, signal: AbortSignal): Promise<Model> {
    if (signal.aborted) throw cancelled();
    const file = await realpath(path).catch(() => path);
    const key = JSON.stringify({ file, ...options, onProgress: null });
    const known = this.#models.get(key);
    if (known !== undefined) return known;
    const loading = this.#load(file, key, options, signal);
    this.#models.set(key, loading);
    loading.catch(() => {
      this.#models.delete(key);
    });
    return loading;
  }

  async dispose(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    this.#models.clear();
    await connection?.close();
  }

  async #load(path: string, key: string, options: LoadOptions, signal: AbortSignal): Promise<LlamaModel> {
    this.#connection ??= new ThreadConnection(this.#bundleFolder);
    const connection = this.#connection;
    const modelId = this.#nextModelId;
    this.#nextModelId += 1;
    const slot = connection.takeSlot();
    const cancel = (): void => {
      connection.control.cancel(slot);
    };
    signal.addEventListener('abort', cancel, { once: true });
    const { onProgress, ...threadOptions } = options;
    try {
      const loaded = await connection.call(
        'model/load',
        { modelId, path, options: threadOptions, slot },
        onProgress === null ? {} : { onProgress },
      );
      return new LlamaModel(connection, modelId, loaded, {
        maxSequences: options.maxSequences,
        onDispose: () => {
          this.#models.delete(key);
        },
      });
    } finally {
      signal.removeEventListener('abort', cancel);
      connection.giveBackSlot(slot);
    }
  }
}
