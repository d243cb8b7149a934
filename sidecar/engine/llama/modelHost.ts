import { readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import { checkModelFile } from '../../gguf/checkModelFile.ts';
import { architectureOf, metadataNumber, type GgufHeader } from '../../gguf/ggufHeader.ts';
import { LogitsKernel } from '../../numeric/logitsKernel.ts';
import { ModelSpeculation } from '../../speculation/modelSpeculation.ts';
import { checkContext } from './contextSelfTest.ts';
import type { ControlBlock } from './controlBlock.ts';
import { DecodeBatch } from './decodeBatch.ts';
import { batchTokens, DecodeLoop, outputRows } from './decodeLoop.ts';
import { HiddenStateReader } from './hiddenStateReader.ts';
import { SequenceStore, type LoopEvents } from './sequenceStore.ts';
import { KvCache } from './kvCache.ts';
import { freeMemoryBytes } from './freeMemory.ts';
import type { LoadOptions } from '../engine.ts';
import { addressOf, registerAbort, registerProgress, type Pointer } from './llamaBindings.ts';
import { cacheBytesPerToken, fitContext } from './memoryFit.ts';
import { identifyModel } from './modelIdentity.ts';
import { captureWarnings, type NativeRuntime } from './nativeRuntime.ts';
import { chooseThreadCount } from './threadCount.ts';
import type { LoadedModel } from './threadProtocol.ts';
import { Vocabulary } from './vocabulary.ts';

/** One loaded model with its context, on the engine thread. */
export interface ModelHost {
  readonly vocabulary: Vocabulary;
  readonly sequences: SequenceStore;
  readonly loop: DecodeLoop;
  readonly hiddenStates: HiddenStateReader;
  readonly loaded: LoadedModel;
  /** Frees context and model. Nothing may be called afterwards. */
  dispose(): void;
}

export interface HostParts {
  readonly runtime: NativeRuntime;
  readonly bundleFolder: string;
  readonly control: ControlBlock;
  readonly events: LoopEvents;
  readonly now: () => number;
}

export interface LoadTask {
  readonly path: string;
  readonly options: LoadOptions;
  readonly isCancelled: () => boolean;
}

/**
 * Checks the file, loads it and opens a context. Throws `model.missing`, `model.unreadable`, `model.unsupported`,
 * `memory.insufficient` or `cancelled`; nothing native is left behind then.
 */
export async function loadModelHost(parts: HostParts, task: LoadTask): Promise<ModelHost> {
  const { runtime, control, events, now } = parts;
  const { library, cLibrary } = runtime;
  const header = await checkModelFile(task.path);
  const identity = task.options.identity ?? (await identifyModel(task.path));
  const { size: weightsBytes } = await stat(task.path);
  const wasm = await readFile(join(parts.bundleFolder, 'statistics.wasm'));
  const contextTokens = fitContext({
    weightsBytes,
    cacheBytesPerToken: cacheBytesPerToken(header),
    trainingContextTokens: trainingContextOf(header),
    contextTokens: task.options.contextTokens,
    availableBytes: runtime.hasGpu ? null : freeMemoryBytes(),
  });

  const undo: (() => void)[] = [];
  const dispose = (): void => {
    captureWarnings(library, () => {
      for (const step of undo.splice(0).reverse()) step();
    });
  };
  try {
    refuseCancelled(task);
    const model = loadWeights(runtime, task);
    undo.push(() => {
      library.freeModel(model);
    });
    refuseCancelled(task);
    refuseUnsupported(runtime, model);
    const context = openContext(runtime, model, contextTokens);
    undo.push(() => {
      library.freeContext(context);
    });
    undo.push(armAbort(runtime, context, control));
    const vocabulary = new Vocabulary(library, library.modelVocabulary(model));
    const kernel = new LogitsKernel(new Uint8Array(wasm), vocabulary.size);
    checkContext({ library, cLibrary, context, kernel });
    const threads = setThreads(runtime, context, { wish: task.options.threads, now });
    const chatTemplate = library.chatTemplate(model);
    const cache = new KvCache(library, context, library.contextSize(context));
    const { speculation: mode } = task.options;
    const speculation = mode === 'off' ? null : new ModelSpeculation(mode);
    const sequences = new SequenceStore({ cache, vocabulary, speculation, now, events });
    const loop = new DecodeLoop({
      library,
      cLibrary,
      context,
      kernel,
      control,
      cache,
      sequences,
      speculation,
      events,
      now,
    });
    const hiddenSize = library.hiddenSize(model);
    const hiddenStates = new HiddenStateReader({ library, cLibrary, context, cache, sequences, hiddenSize });
    const loaded: LoadedModel = {
      info: {
        identity,
        path: task.path,
        architecture: architectureOf(header) ?? '',
        vocabularySize: vocabulary.size,
        hiddenSize,
        blockCount: library.blockCount(model),
        trainingContextTokens: library.trainingContextSize(model),
        contextTokens: library.contextSize(context),
        infill: vocabulary.infill,
        hasChatTemplate: chatTemplate !== null,
        endTokens: [...vocabulary.endTokens],
        backend: runtime.backend,
        threads,
      },
      chatTemplate,
      beginText: vocabulary.beginSpelling,
      endText: vocabulary.endSpelling,
    };
    return { vocabulary, sequences, loop, hiddenStates, loaded, dispose };
  } catch (thrown) {
    dispose();
    throw thrown;
  }
}

/** What the header says the model was trained on; files that do not say get llama.cpp's old default. */
function trainingContextOf(header: GgufHeader): number {
  return metadataNumber(header, `${architectureOf(header) ?? ''}.context_length`) ?? 2048;
}

function loadWeights(runtime: NativeRuntime, task: LoadTask): Pointer {
  const { library } = runtime;
  const progress = registerProgress(() => !task.isCancelled());
  try {
    const params = { ...library.modelDefaultParams(), progress_callback: progress.pointer };
    const { value: model, warnings } = captureWarnings(library, () => library.loadModel(task.path, params));
    if (model !== null) return model;
    refuseCancelled(task);
    throw new CodedError(
      'model.unsupported',
      `llama.cpp cannot load ${task.path}: ${warnings[0] ?? 'it gave no reason'}.`,
      'Choose another model, or one made for this release of llama.cpp.',
    );
  } finally {
    progress.release();
  }
}

function refuseCancelled(task: LoadTask): void {
  if (task.isCancelled())
    throw new CodedError('cancelled', 'Loading was cancelled.', 'Load the model again.');
}

/** The engine needs a causal decoder whose cache can be cut at any position. */
function refuseUnsupported({ library }: NativeRuntime, model: Pointer): void {
  const refuse = (what: string): never => {
    throw new CodedError(
      'model.unsupported',
      `This model ${what}, which Entropane cannot run.`,
      'Choose a decoder-only transformer such as Qwen, Llama or SmolLM.',
    );
  };
  if (library.hasEncoder(model) || !library.hasDecoder(model)) refuse('has an encoder');
  if (library.isRecurrent(model) || library.isHybrid(model)) refuse('keeps a recurrent state');
  if (library.isDiffusion(model)) refuse('generates by diffusion');
}

function openContext({ library }: NativeRuntime, model: Pointer, contextTokens: number): Pointer {
  const params = {
    ...library.contextDefaultParams(),
    n_ctx: contextTokens,
    n_batch: batchTokens,
    n_ubatch: batchTokens,
    // One unified cache: sequence ids up to 255 are allowed whatever this says, and it sizes buffers.
    n_seq_max: 1,
    n_outputs_max: outputRows,
    n_outputs_max_per_seq: outputRows,
    n_threads: availableParallelism(),
    n_threads_batch: availableParallelism(),
    kv_unified: true,
    swa_full: true,
  };
  const { value: context, warnings } = captureWarnings(library, () => library.initContext(model, params));
  if (context !== null) return context;
  throw new CodedError(
    'memory.insufficient',
    `llama.cpp could not open a context of ${contextTokens} tokens: ${warnings[0] ?? 'it gave no reason'}.`,
    'Lower the context size in the settings, or choose a smaller model.',
  );
}

/** Sets the thread count of all decodes, measured when none is wished for, and returns it. */
function setThreads(
  { library, hasGpu }: NativeRuntime,
  context: Pointer,
  { wish, now }: { readonly wish: number; readonly now: () => number },
): number {
  const batch = new DecodeBatch(1);
  const decodeMs = (threads: number): number => {
    library.setThreads(context, threads, threads);
    library.clearMemory(library.memory(context));
    batch.clear();
    batch.add(0, 0, 0, true);
    const startedMs = now();
    batch.decode(library, context);
    library.synchronize(context);
    return now() - startedMs;
  };
  const all = availableParallelism();
  const threads = wish > 0 ? wish : hasGpu ? all : chooseThreadCount(all, decodeMs);
  library.setThreads(context, threads, threads);
  library.clearMemory(library.memory(context));
  return threads;
}

/**
 * Lets the abort byte end a decode. `strlen` of the byte is the predicate where the C library is at hand: it costs
 * nothing per graph node. Returns how to undo it.
 */
function armAbort(runtime: NativeRuntime, context: Pointer, control: ControlBlock): () => void {
  const { library, cLibrary } = runtime;
  const callback = cLibrary === null ? registerAbort(() => control.isAborting) : null;
  const predicate = callback?.pointer ?? cLibrary?.stringLength ?? null;
  const data = callback === null ? addressOf(control.abortString) : null;
  captureWarnings(library, () => {
    library.setAbortCallback(context, predicate, data);
  });
  return () => {
    library.setAbortCallback(context, null, null);
    callback?.release();
  };
}
