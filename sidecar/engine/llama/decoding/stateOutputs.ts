import type { LlamaLibrary } from '../native/llamaBindings.ts';
import type { Pointer } from '../native/llamaStructs.ts';
import { captureWarnings } from '../native/nativeRuntime.ts';

/**
 * Switches whether a context's decode calls give last-layer states beside logits. While they do, llama.cpp computes
 * outputs for every token of a call: nothing more for calls of generated tokens alone, a third of the speed for prompts.
 */
export class StateOutputs {
  readonly #library: LlamaLibrary;
  readonly #context: Pointer;
  #isOn = false;

  constructor(library: LlamaLibrary, context: Pointer) {
    this.#library = library;
    this.#context = context;
  }

  /** Costs nothing where it is so already; a change lets llama.cpp build its next graph anew. */
  set(isOn: boolean): void {
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    // llama.cpp says in its log that it does so.
    captureWarnings(this.#library, () => {
      this.#library.setEmbeddings(this.#context, isOn);
    });
  }
}
