import koffi from 'koffi';
import type { Pointer } from './llamaStructs.ts';
import { addressOf } from './nativeAddress.ts';

const progressCallback = koffi.proto('bool llama_progress_callback(float progress, void *user_data)');
const logCallback = koffi.proto('void ggml_log_callback(int level, const char *text, void *user_data)');
const abortCallback = koffi.proto('bool ggml_abort_callback(void *data)');
const nodeCallback = koffi.proto(
  'bool ggml_backend_sched_eval_callback(void *tensor, bool ask, void *user_data)',
);

export type ProgressCallback = (share: number) => boolean;
export type LogCallback = (level: number, text: string) => void;
/**
 * Asked of every node of a graph, in the order of computing, whether it is wanted (`ask`), and called again with each
 * wanted one when it was computed; false then ends the computing. Must not throw.
 */
export type NodeCallback = (tensor: Pointer, ask: boolean) => boolean;

/** Something of JavaScript's that native code may use on this thread until it is released: a function, or an array. */
export interface NativeCallback {
  readonly pointer: Pointer;
  release(): void;
}

/**
 * `tensor_buft_overrides` of one entry: tensors whose name the pattern (a C++ regular expression) finds go into
 * buffers of this type. Release it when the model is loaded.
 */
export function overrideBuffers(pattern: string, bufferType: Pointer): NativeCallback {
  const text = zeroEnded(pattern);
  // Two structs of two pointers; the second, all null, ends the array.
  const entries = new BigUint64Array(new ArrayBuffer(32));
  entries.set([addressOf(text), bufferType ?? 0n]);
  const kept = [text, entries];
  overridesInUse.add(kept);
  return {
    pointer: addressOf(entries),
    release: () => {
      overridesInUse.delete(kept);
    },
  };
}

/** Arrays that native code reads, and that nothing else would keep from being collected. */
const overridesInUse = new Set<readonly ArrayBufferView[]>();

function zeroEnded(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  const ended = new Uint8Array(new ArrayBuffer(bytes.length + 1));
  ended.set(bytes);
  return ended;
}

/** Makes a loading progress function callable from native code. Returning false ends the loading. */
export function registerProgress(callback: ProgressCallback): NativeCallback {
  return register(koffi.register(callback, koffi.pointer(progressCallback)));
}

/** Makes a log function callable from native code. Only while no thread but this one can log: others would block. */
export function registerLog(callback: LogCallback): NativeCallback {
  return register(koffi.register(callback, koffi.pointer(logCallback)));
}

/** Makes an abort predicate callable from native code, for systems where no C function can read the flag. */
export function registerAbort(callback: () => boolean): NativeCallback {
  return register(koffi.register(callback, koffi.pointer(abortCallback)));
}

/** Makes a function callable for the nodes of a context's graphs (`cb_eval`), on the thread that decodes. */
export function registerNodes(callback: NodeCallback): NativeCallback {
  return register(koffi.register(callback, koffi.pointer(nodeCallback)));
}

function register(pointer: bigint): NativeCallback {
  return {
    pointer,
    release: () => {
      koffi.unregister(pointer);
    },
  };
}
