import { availableParallelism } from 'node:os';
import { CodedError } from '../../../../protocol/codedError.ts';
import type { CacheType } from '../../engine.ts';
import type { ControlBlock } from '../connection/controlBlock.ts';
import { HugePages } from '../native/hugePages.ts';
import type { Pointer } from '../native/llamaStructs.ts';
import { addressOf } from '../native/nativeAddress.ts';
import { registerAbort } from '../native/nativeCallbacks.ts';
import { captureWarnings, type NativeRuntime } from '../native/nativeRuntime.ts';
import { cacheFormats } from './cacheType.ts';

/** How much a context can hold and decode at once. */
export interface ContextSize {
  readonly contextTokens: number;
  /** Tokens in one decode call. */
  readonly batchTokens: number;
  /** Rows of logits in one decode call. */
  readonly outputRows: number;
  /**
   * How keys and values are kept, as 16-bit floats when absent. Quantized ones need flash attention, which llama.cpp
   * switches on by itself then.
   */
  readonly cacheType?: CacheType;
  /** Called for the nodes of every graph that is computed, from `registerNodes`. Slow: only to look into a model. */
  readonly nodeCallback?: Pointer;
}

/**
 * A context with one unified cache for up to 256 sequences, decoding on every processor until set otherwise. Throws
 * `memory.insufficient`. Free with `freeContext`, before its model.
 */
export function openContext(
  { library, cLibrary }: NativeRuntime,
  model: Pointer,
  size: ContextSize,
): Pointer {
  const { ggmlType } = cacheFormats[size.cacheType ?? 'f16'];
  const params = {
    ...library.contextDefaultParams(),
    n_ctx: size.contextTokens,
    n_batch: size.batchTokens,
    n_ubatch: size.batchTokens,
    // One unified cache: sequence ids up to 255 are allowed whatever this says, and it sizes buffers.
    n_seq_max: 1,
    n_outputs_max: size.outputRows,
    n_outputs_max_per_seq: size.outputRows,
    n_threads: availableParallelism(),
    n_threads_batch: availableParallelism(),
    type_k: ggmlType,
    type_v: ggmlType,
    cb_eval: size.nodeCallback ?? null,
    kv_unified: true,
    swa_full: true,
  };
  const hugePages = new HugePages(cLibrary);
  const { value: context, warnings } = captureWarnings(library, () => library.initContext(model, params));
  if (context !== null) {
    hugePages.collapse();
    return context;
  }
  throw new CodedError(
    'memory.insufficient',
    `llama.cpp could not open a context of ${size.contextTokens} tokens: ${warnings[0] ?? 'it gave no reason'}.`,
    'Lower the context size in the settings, or choose a smaller model.',
  );
}

/**
 * Lets the abort byte end a decode. `strlen` of the byte is the predicate where the C library is at hand: it costs
 * nothing per graph node. Returns how to undo it.
 */
export function armAbort(runtime: NativeRuntime, context: Pointer, control: ControlBlock): () => void {
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
