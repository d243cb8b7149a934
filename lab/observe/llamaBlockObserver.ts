import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { CodedError } from '../../protocol/codedError.ts';
import { cancelled } from '../../sidecar/engine/cancelled.ts';
import type { TokenId } from '../../sidecar/engine/engine.ts';
import { type LoadPlan, planLoad } from '../../sidecar/engine/llama/loading/loadPlan.ts';
import { roomFor } from '../../sidecar/engine/llama/loading/memoryRoom.ts';
import { identifyModel } from '../../sidecar/engine/llama/loading/modelIdentity.ts';
import { describeModel } from '../../sidecar/engine/llama/loading/modelInfo.ts';
import { openContext } from '../../sidecar/engine/llama/loading/openContext.ts';
import { openWeights } from '../../sidecar/engine/llama/loading/openWeights.ts';
import { decodeFailed } from '../../sidecar/engine/llama/native/contextErrors.ts';
import { DecodeBatch } from '../../sidecar/engine/llama/native/decodeBatch.ts';
import type { Pointer } from '../../sidecar/engine/llama/native/llamaStructs.ts';
import { registerNodes } from '../../sidecar/engine/llama/native/nativeCallbacks.ts';
import { readLogits } from '../../sidecar/engine/llama/native/nativeMemory.ts';
import { NativeReleases } from '../../sidecar/engine/llama/native/nativeReleases.ts';
import { type NativeRuntime, openNativeRuntime } from '../../sidecar/engine/llama/native/nativeRuntime.ts';
import { Vocabulary } from '../../sidecar/engine/llama/native/vocabulary.ts';
import { TemplateRenderer } from '../../sidecar/engine/llama/templating/templateRenderer.ts';
import type { FileTrials } from '../../sidecar/engine/llama/trial/fileTrials.ts';
import { checkModelFile } from '../../sidecar/gguf/checkModelFile.ts';
import { LogitsKernel } from '../../sidecar/numeric/logitsKernel.ts';
import { isFiniteRow, shapeOf } from '../../sidecar/numeric/tokenStatistics.ts';
import type { BlockChanges, BlockObserver, ObservationRequest, TextPredictions } from './blockObservation.ts';
import { BlockTap, type TapOrder } from './blockTap.ts';

/** Tokens decoded at once. Each has a row of logits, twice, and a row is as long as the vocabulary. */
const batchTokens = 128;

export interface BlockObserverOptions {
  /** Folder with statistics.wasm and templateProgram.cjs; llama.cpp is looked for in `node_modules` at or above it. */
  readonly bundleFolder: string;
  /** Asked for the file before llama.cpp sees it. */
  readonly trials: FileTrials;
  /** Tokens of the longest text. */
  readonly contextTokens: number;
}

/**
 * Loads a model on the calling thread, which is blocked meanwhile, to look into its blocks. Throws as loading a model to
 * generate does.
 */
export async function openBlockObserver(
  path: string,
  options: BlockObserverOptions,
  signal: AbortSignal,
): Promise<BlockObserver> {
  const { bundleFolder, contextTokens, trials } = options;
  await trials.admit({ path, adapterPath: null }, signal);
  const header = await checkModelFile(path);
  const identity = await identifyModel(path, header);
  const wasm = await readFile(join(bundleFolder, 'statistics.wasm'));
  const runtime = openNativeRuntime(bundleFolder);
  const { library } = runtime;
  const plan = planLoad(
    header,
    { contextTokens, cacheType: 'f16', batchTokens, outputRows: batchTokens, besideBytes: 0, prefixBytes: 0 },
    roomFor(runtime, { loaded: [], elsewhere: [] }, 0),
  );
  const releases = new NativeReleases(library);
  try {
    const { model, context, vocabulary, tap } = openTapped(runtime, path, { plan, releases });
    const threads = availableParallelism();
    const open = { runtime, model, context, vocabulary, header, identity, path, threads, plan };
    const templates = new TemplateRenderer(bundleFolder);
    releases.add(() => {
      // Nothing waits for its end: it keeps no process alive.
      void templates.dispose();
    });
    const format = {
      template: library.chatTemplate(model),
      beginText: vocabulary.beginSpelling,
      endText: vocabulary.endSpelling,
    };
    return new LlamaBlockObserver({
      runtime,
      context,
      tap,
      kernel: new LogitsKernel(new Uint8Array(wasm), vocabulary.size),
      dispose: () => {
        releases.freeAll();
      },
      contextTokens: plan.contextTokens,
      model: {
        info: describeModel({ ...open, drafts: [], thinkingForm: 'auto' }),
        tokenize: (text, { special }) => Promise.resolve(vocabulary.tokenize(text, special)),
        renderChat: (messages, { variables = {} }, signal) =>
          templates.render({ format, messages, variables, contextTokens: plan.contextTokens }, signal),
      },
    });
  } catch (thrown) {
    releases.freeAll();
    throw thrown;
  }
}

interface TappedModel {
  readonly model: Pointer;
  readonly context: Pointer;
  readonly vocabulary: Vocabulary;
  readonly tap: BlockTap;
}

/** A model in llama.cpp whose graphs pass their nodes to a tap. What is opened is added to `releases` at once. */
function openTapped(
  runtime: NativeRuntime,
  path: string,
  { plan, releases }: { readonly plan: LoadPlan; readonly releases: NativeReleases },
): TappedModel {
  const { library } = runtime;
  const model = openWeights(runtime, { path, plan: plan.weights, isCancelled: () => false });
  releases.add(() => {
    library.freeModel(model);
  });
  const vocabulary = new Vocabulary(library, library.modelVocabulary(model));
  const hiddenSize = library.hiddenSize(model);
  const tap = new BlockTap({ library, blockCount: library.blockCount(model), hiddenSize, batchTokens });
  const nodes = registerNodes(tap.onNode);
  releases.add(() => {
    nodes.release();
  });
  // Every token has an output: with fewer, the last block computes fewer rows.
  const context = openContext(runtime, model, {
    contextTokens: plan.contextTokens,
    cacheType: plan.cacheType,
    batchTokens,
    outputRows: batchTokens,
    nodeCallback: nodes.pointer,
  });
  releases.add(() => {
    library.freeContext(context);
  });
  return { model, context, vocabulary, tap };
}

interface ObserverDependencies extends Pick<BlockObserver, 'model' | 'contextTokens' | 'dispose'> {
  readonly runtime: NativeRuntime;
  readonly context: Pointer;
  readonly tap: BlockTap;
  readonly kernel: LogitsKernel;
}

class LlamaBlockObserver implements BlockObserver {
  readonly model: BlockObserver['model'];
  readonly contextTokens: number;
  readonly #dependencies: ObserverDependencies;
  readonly #batch = new DecodeBatch(batchTokens);

  constructor(dependencies: ObserverDependencies) {
    this.#dependencies = dependencies;
    this.model = dependencies.model;
    this.contextTokens = dependencies.contextTokens;
  }

  async observe(tokens: readonly TokenId[], request: ObservationRequest, signal: AbortSignal): Promise<void> {
    await this.#read(tokens, { ...request, isPartial: true }, () => undefined, signal);
  }

  async predict(
    tokens: readonly TokenId[],
    changes: BlockChanges,
    signal: AbortSignal,
  ): Promise<TextPredictions> {
    const lossNats = new Float64Array(Math.max(0, tokens.length - 1));
    const likeliest = new Int32Array(lossNats.length);
    const order: TapOrder = { changes, parts: [], visit: () => undefined, isPartial: false };
    const onBatch = (firstToken: number, tokenCount: number): void => {
      for (let row = 0; row < tokenCount; row++) {
        const next = tokens[firstToken + row + 1];
        if (next === undefined) continue;
        const prediction = this.#predictionAt(row, next);
        lossNats[firstToken + row] = prediction.lossNats;
        likeliest[firstToken + row] = prediction.likeliest;
      }
    };
    await this.#read(tokens, order, onBatch, signal);
    return { lossNats, likeliest };
  }

  dispose(): void {
    this.#dependencies.dispose();
  }

  async #read(
    tokens: readonly TokenId[],
    order: TapOrder,
    onBatch: (firstToken: number, tokenCount: number) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { runtime, context, tap } = this.#dependencies;
    const { library } = runtime;
    if (tokens.length > this.contextTokens) throw textTooLong(tokens.length, this.contextTokens);
    tap.arm(order);
    library.clearMemory(library.memory(context));
    for (let firstToken = 0; firstToken < tokens.length; firstToken += batchTokens) {
      // Lets a signal of the operating system be seen: the decodes themselves hold the thread.
      await setImmediate();
      if (signal.aborted) throw cancelled();
      const piece = tokens.slice(firstToken, firstToken + batchTokens);
      this.#batch.clear();
      for (const [i, token] of piece.entries()) this.#batch.add(token, firstToken + i, 0, true);
      const outcome = tap.during(firstToken, piece.length, () => this.#batch.decode(library, context));
      if (outcome !== 'done') throw decodeFailed();
      onBatch(firstToken, piece.length);
    }
  }

  #predictionAt(row: number, next: TokenId): { readonly lossNats: number; readonly likeliest: TokenId } {
    const { runtime, context, kernel } = this.#dependencies;
    const { library, cLibrary } = runtime;
    if (!readLogits({ library, cLibrary, context }, row, kernel.row)) throw decodeFailed();
    const { sums, leading } = kernel.analyse(1);
    // A model with blocks taken out may overflow; its loss is then as bad as can be, and not an error.
    if (!isFiniteRow(sums)) return { lossNats: Infinity, likeliest: 0 };
    return {
      lossNats: shapeOf(sums).logNormalizer - (kernel.row[next] ?? -Infinity),
      likeliest: leading.ids[0] ?? 0,
    };
  }
}

function textTooLong(tokenCount: number, contextTokens: number): CodedError {
  return new CodedError(
    'context.exceeded',
    `A text of ${tokenCount} tokens does not fit a context of ${contextTokens}.`,
    'Split the text.',
  );
}
