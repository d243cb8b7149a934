import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { DraftRequest } from '../../sidecar/engine/engine.ts';
import { ControlBlock } from '../../sidecar/engine/llama/connection/controlBlock.ts';
import { ComputeThreads } from '../../sidecar/engine/llama/decoding/computeThreads.ts';
import { checkDraftFile, loadDraftHost } from '../../sidecar/engine/llama/drafting/draftHost.ts';
import { isBetterMapped } from '../../sidecar/engine/llama/loading/memoryNeed.ts';
import { openContext } from '../../sidecar/engine/llama/loading/openContext.ts';
import { allLayers, openWeights } from '../../sidecar/engine/llama/loading/openWeights.ts';
import type { Pointer } from '../../sidecar/engine/llama/native/llamaStructs.ts';
import { captureWarnings, openNativeRuntime } from '../../sidecar/engine/llama/native/nativeRuntime.ts';
import { Vocabulary } from '../../sidecar/engine/llama/native/vocabulary.ts';
import { checkModelFile } from '../../sidecar/gguf/checkModelFile.ts';
import { LogitsKernel } from '../../sidecar/numeric/logitsKernel.ts';
import type { DraftingPair } from './mirroredDrafting.ts';

/** Cells of the two contexts, tokens in one call of the target, and rows of its logits. */
const contextTokens = 2048;
const batchTokens = 256;
const outputRows = 32;

export interface PairFiles {
  readonly bundleFolder: string;
  readonly targetPath: string;
  readonly wish: DraftRequest;
  readonly threads: number;
}

export interface OpenPair extends Disposable {
  readonly pair: DraftingPair;
  readonly vocabulary: Vocabulary;
  readonly backend: string;
}

/** Loads a model and one that drafts for it on this thread, without the engine. Throws `draft.incompatible` and the like. */
export async function openPair({ bundleFolder, targetPath, wish, threads }: PairFiles): Promise<OpenPair> {
  const runtime = openNativeRuntime(bundleFolder);
  const { library } = runtime;
  const header = await checkModelFile(targetPath);
  const file = await checkDraftFile(wish, {
    path: targetPath,
    header,
    extraBuffers: runtime.extraBuffers,
  });
  const wasm = await readFile(join(bundleFolder, 'statistics.wasm'));
  const counts = { decode: threads, prefill: threads };
  const undo: (() => void)[] = [];
  const dispose = (): void => {
    captureWarnings(library, () => {
      for (const step of undo.splice(0).reverse()) step();
    });
  };
  const isCancelled = (): boolean => false;
  try {
    const model = openWeights(runtime, {
      path: targetPath,
      plan: {
        isMapped: isBetterMapped(header, runtime.extraBuffers),
        deviceLayers: allLayers,
        hostPattern: null,
      },
      isCancelled,
    });
    undo.push(() => {
      library.freeModel(model);
    });
    const context = openContext(runtime, model, { contextTokens, batchTokens, outputRows });
    undo.push(() => {
      library.freeContext(context);
    });
    const pool = new ComputeThreads(library, context, { counts, backoff: null });
    undo.push(() => {
      pool.dispose();
    });
    const vocabulary = new Vocabulary(library, library.modelVocabulary(model));
    const kernel = new LogitsKernel(new Uint8Array(wasm), vocabulary.size);
    const opened: Pointer[] = [];
    const host = await loadDraftHost(
      {
        runtime: {
          ...runtime,
          library: {
            ...library,
            initContext: (...args) => {
              const draftContext = library.initContext(...args);
              opened.push(draftContext);
              return draftContext;
            },
          },
        },
        bundleFolder,
        control: new ControlBlock(),
        now: () => performance.now(),
      },
      file,
      { isCancelled, contextTokens, counts, targetVocabularySize: vocabulary.size },
    );
    undo.push(() => {
      host.dispose();
    });
    const drafter = host.drafters.open();
    const draftContext = opened[0] ?? null;
    if (drafter === null) throw new Error('A draft model that was just loaded has a drafter.');
    const pair = { runtime, target: { context, kernel }, draft: { context: draftContext, drafter }, threads };
    return {
      pair,
      vocabulary,
      backend: `${runtime.backend}, ${availableParallelism()} cores`,
      [Symbol.dispose]: dispose,
    };
  } catch (thrown) {
    dispose();
    throw thrown;
  }
}
