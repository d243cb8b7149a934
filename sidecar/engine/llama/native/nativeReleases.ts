import type { LlamaLibrary } from './llamaBindings.ts';
import { captureWarnings } from './nativeRuntime.ts';

/** Frees what one owner has opened in llama.cpp, the last first: a context goes before its model. */
export class NativeReleases {
  readonly #library: Pick<LlamaLibrary, 'setLog'>;
  readonly #steps: (() => void)[] = [];

  constructor(library: Pick<LlamaLibrary, 'setLog'>) {
    this.#library = library;
  }

  add(step: () => void): void {
    this.#steps.push(step);
  }

  /** Idempotent. */
  freeAll(): void {
    captureWarnings(this.#library, () => {
      for (const step of this.#steps.splice(0).reverse()) step();
    });
  }
}
