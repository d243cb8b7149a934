import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { DraftRequest } from '../../sidecar/engine/engine.ts';
import { ControlBlock } from '../../sidecar/engine/llama/connection/controlBlock.ts';
import { ComputeThreads } from '../../sidecar/engine/llama/decoding/computeThreads.ts';
import type { ThreadCounts } from '../../sidecar/engine/llama/decoding/threadCount.ts';
import { checkDraftFile, loadDraftHost } from '../../sidecar/engine/llama/drafting/draftHost.ts';
import { isBetterMapped } from '../../sidecar/engine/llama/loading/memoryNeed.ts';
import { openContext } from '../../sidecar/engine/llama/loading/openContext.ts';
import { allLayers, openWeights } from '../../sidecar/engine/llama/loading/openWeights.ts';
import type { LlamaLibrary } from '../../sidecar/engine/llama/native/llamaBindings.ts';
import type { Pointer } from '../../sidecar/engine/llama/native/llamaStructs.ts';
import { NativeReleases } from '../../sidecar/engine/llama/native/nativeReleases.ts';
import { type NativeRuntime, openNativeRuntime } from '../../sidecar/engine/llama/native/nativeRuntime.ts';
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
  readonly draft: DraftRequest;
  readonly threads: number;
}

export interface OpenPair extends Disposable {
  readonly pair: DraftingPair;
  readonly vocabulary: Vocabulary;
  readonly backend: string;
}

/** Loads a model and one that drafts for it on this thread, without the engine. Throws `draft.incompatible` and the like. */
export async function openPair({ bundleFolder, targetPath, draft, threads }: PairFiles): Promise<OpenPair> {
  const runtime = openNativeRuntime(bundleFolder);
  const { library } = runtime;
  const header = await checkModelFile(targetPath);
  const { extraBuffers } = runtime;
  const file = await checkDraftFile(draft, { path: targetPath, header, extraBuffers });
  const wasm = await readFile(join(bundleFolder, 'statistics.wasm'));
  const counts = { decode: threads, prefill: threads };
  const releases = new NativeReleases(library);
  try {
    const isMapped = isBetterMapped(header, extraBuffers);
    const { context, vocabulary } = openDraftedModel(runtime, targetPath, { isMapped, counts, releases });
    const kernel = new LogitsKernel(new Uint8Array(wasm), vocabulary.size);
    const opened: Pointer[] = [];
    const host = await loadDraftHost(
      {
        runtime: notingContexts(runtime, opened),
        bundleFolder,
        control: new ControlBlock(),
        now: () => performance.now(),
      },
      file,
      { isCancelled: () => false, contextTokens, counts, targetVocabularySize: vocabulary.size },
    );
    releases.add(() => {
      host.dispose();
    });
    const drafter = host.drafters.open();
    if (drafter === null) throw new Error('A draft model that was just loaded has a drafter.');
    const target = { context, kernel };
    return {
      pair: { runtime, target, draft: { context: opened[0] ?? null, drafter }, threads },
      vocabulary,
      backend: `${runtime.backend}, ${availableParallelism()} cores`,
      [Symbol.dispose]: () => {
        releases.freeAll();
      },
    };
  } catch (thrown) {
    releases.freeAll();
    throw thrown;
  }
}

/** What is opened is added to `releases` at once. */
function openDraftedModel(
  runtime: NativeRuntime,
  path: string,
  options: { readonly isMapped: boolean; readonly counts: ThreadCounts; readonly releases: NativeReleases },
): { readonly context: Pointer; readonly vocabulary: Vocabulary } {
  const { isMapped, counts, releases } = options;
  const { library } = runtime;
  const plan = { isMapped, deviceLayers: allLayers, hostPattern: null };
  const model = openWeights(runtime, { path, plan, isCancelled: () => false });
  releases.add(() => {
    library.freeModel(model);
  });
  const context = openContext(runtime, model, { contextTokens, batchTokens, outputRows });
  releases.add(() => {
    library.freeContext(context);
  });
  const pool = new ComputeThreads(library, context, { counts, politeness: null });
  releases.add(() => {
    pool.dispose();
  });
  return { context, vocabulary: new Vocabulary(library, library.modelVocabulary(model)) };
}

/** The runtime, with the contexts that are opened through it noted in `opened`: a draft host does not hand its own out. */
function notingContexts(runtime: NativeRuntime, opened: Pointer[]): NativeRuntime {
  const initContext: LlamaLibrary['initContext'] = (...args) => {
    const context = runtime.library.initContext(...args);
    opened.push(context);
    return context;
  };
  return { ...runtime, library: { ...runtime.library, initContext } };
}
