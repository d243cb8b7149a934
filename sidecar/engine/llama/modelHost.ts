import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import { checkModelFile } from '../../gguf/checkModelFile.ts';
import { architectureOf } from '../../gguf/ggufHeader.ts';
import { LogitsKernel } from '../../numeric/logitsKernel.ts';
import type { ControlBlock } from './controlBlock.ts';
import { batchTokens, DecodeLoop, outputRows, type LoopEvents } from './decodeLoop.ts';
import { addressOf, registerAbort, registerProgress, type Pointer } from './llamaBindings.ts';
import { identifyModel } from './modelIdentity.ts';
import { captureWarnings, type NativeRuntime } from './nativeRuntime.ts';
import type { LoadedModel, ThreadLoadOptions } from './threadProtocol.ts';
import { Vocabulary } from './vocabulary.ts';

/** One loaded model with its context, on the engine thread. */
export interface ModelHost {
  readonly vocabulary: Vocabulary;
  readonly loop: DecodeLoop;
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
  readonly options: ThreadLoadOptions;
  readonly onProgress: (share: number) => void;
  readonly isCancelled: () => boolean;
}

/**
 * Checks the file, loads it and opens a context. Throws `model.missing`, `model.unreadable`, `model.unsupported`,
 * `memory.insufficient` or `cancelled`; nothing native is left behind then.
 */
export async function loadModelHost(parts: HostParts, task: LoadTask): Promise<ModelHost> {
  const { runtime, control } = parts;
  const { library } = runtime;
  const header = await checkModelFile(task.path);
  const identity = await identifyModel(task.path);
  const wasm = await readFile(join(parts.bundleFolder, 'statistics.wasm'));

  const model = loadWeights(runtime, task);
  const undo: (() => void)[] = [
    () => {
      library.freeModel(model);
    },
  ];
  const dispose = (): void => {
    for (const step of undo.splice(0).reverse()) step();
  };
  try {
    refuseUnsupported(runtime, model);
    const training = library.trainingContextSize(model);
    const threads = task.options.threads > 0 ? task.options.threads : availableParallelism();
    const contextTokens = Math.min(
      task.options.contextTokens > 0 ? task.options.contextTokens : 8192,
      training,
    );
    const context = openContext(runtime, model, contextTokens, threads);
    undo.push(() => {
      library.freeContext(context);
    });
    undo.push(armAbort(runtime, context, control));
    const vocabulary = new Vocabulary(library, library.modelVocabulary(model));
    const kernel = new LogitsKernel(new Uint8Array(wasm), vocabulary.size);
    const chatTemplate = library.chatTemplate(model);
    const { events, now } = parts;
    const loop = new DecodeLoop({
      library,
      cLibrary: runtime.cLibrary,
      context,
      vocabulary,
      kernel,
      control,
      contextTokens: library.contextSize(context),
      now,
      events,
    });
    const loaded: LoadedModel = {
      info: {
        identity,
        path: task.path,
        architecture: architectureOf(header) ?? '',
        vocabularySize: vocabulary.size,
        hiddenSize: library.hiddenSize(model),
        blockCount: library.blockCount(model),
        trainingContextTokens: training,
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
    return { vocabulary, loop, loaded, dispose };
  } catch (thrown) {
    dispose();
    throw thrown;
  }
}

function loadWeights(runtime: NativeRuntime, task: LoadTask): Pointer {
  const { library } = runtime;
  const progress = registerProgress((share) => {
    task.onProgress(share);
    return !task.isCancelled();
  });
  try {
    const params = { ...library.modelDefaultParams(), progress_callback: progress.pointer };
    const { value: model, warnings } = captureWarnings(library, () => library.loadModel(task.path, params));
    if (model !== null) return model;
    if (task.isCancelled())
      throw new CodedError('cancelled', 'Loading was cancelled.', 'Load the model again.');
    throw new CodedError(
      'model.unsupported',
      `llama.cpp cannot load ${task.path}: ${warnings.at(-1) ?? 'it gave no reason'}.`,
      'Choose another model, or one made for this release of llama.cpp.',
    );
  } finally {
    progress.release();
  }
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

function openContext(
  { library }: NativeRuntime,
  model: Pointer,
  contextTokens: number,
  threads: number,
): Pointer {
  const params = {
    ...library.contextDefaultParams(),
    n_ctx: contextTokens,
    n_batch: batchTokens,
    n_ubatch: batchTokens,
    // One unified cache: sequence ids up to 255 are allowed whatever this says, and it sizes buffers.
    n_seq_max: 1,
    n_outputs_max: outputRows,
    n_outputs_max_per_seq: outputRows,
    n_threads: threads,
    n_threads_batch: threads,
    kv_unified: true,
    swa_full: true,
  };
  const { value: context, warnings } = captureWarnings(library, () => library.initContext(model, params));
  if (context !== null) return context;
  throw new CodedError(
    'memory.insufficient',
    `llama.cpp could not open a context of ${contextTokens} tokens: ${warnings.at(-1) ?? 'it gave no reason'}.`,
    'Lower the context size in the settings, or choose a smaller model.',
  );
}

/**
 * Lets the abort byte end a decode. `strlen` of the byte is the predicate where the C library is at hand: it costs
 * nothing per graph node. Returns how to undo it.
 */
function armAbort({ library, cLibrary }: NativeRuntime, context: Pointer, control: ControlBlock): () => void {
  if (cLibrary !== null) {
    library.setAbortCallback(context, cLibrary.stringLength, addressOf(control.abortString));
    return () => {
      library.setAbortCallback(context, null, null);
    };
  }
  const callback = registerAbort(() => control.isAborting);
  library.setAbortCallback(context, callback.pointer, null);
  return () => {
    library.setAbortCallback(context, null, null);
    callback.release();
  };
}
