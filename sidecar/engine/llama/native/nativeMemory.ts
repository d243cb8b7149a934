import koffi from 'koffi';
import type { LlamaLibrary } from './llamaBindings.ts';
import type { Pointer } from './llamaStructs.ts';
import { addressOf } from './nativeAddress.ts';

/** The C library functions the engine borrows. */
export interface CLibrary {
  copyMemory(target: bigint, source: Pointer, bytes: number): void;
  /** `madvise`: 0, or −1 where the system refuses. Null where there is none. */
  readonly adviseMemory: ((start: bigint, bytes: number, advice: number) => number) | null;
  /** `strlen`: as an abort callback it reads a flag byte followed by a zero, in native code alone. */
  readonly stringLength: Pointer;
}

/** Where a system has its C library: in a file, or, for null, in the running program. Pure. */
export function cLibraryOf(platform: NodeJS.Platform): {
  readonly file: string | null;
  /** Whether `madvise` takes the advice that is given here. */
  readonly takesAdvice: boolean;
} {
  return { file: platform === 'win32' ? 'msvcrt.dll' : null, takesAdvice: platform === 'linux' };
}

/** The C library of the running process, or null where its functions cannot be resolved. */
export function openCLibrary(platform: NodeJS.Platform): CLibrary | null {
  try {
    const { file, takesAdvice } = cLibraryOf(platform);
    const library = koffi.load(file);
    return {
      copyMemory: library.func('memcpy', 'void *', ['void *', 'void *', 'size_t']),
      adviseMemory: takesAdvice ? library.func('madvise', 'int', ['void *', 'size_t', 'int']) : null,
      stringLength: library.symbol('strlen') as bigint,
    };
  } catch {
    return null;
  }
}

/** Whose last decode is read. */
export interface RowSource {
  readonly library: LlamaLibrary;
  readonly cLibrary: CLibrary | null;
  readonly context: Pointer;
}

/**
 * Copies a row of the last decode's logits into an array of the vocabulary's size. False when the batch asked for
 * none there. Without `memcpy` the copy goes through an array of numbers and is slower.
 */
export function readLogits(from: RowSource, row: number, target: Float32Array): boolean {
  return copyRow(from.cLibrary, from.library.logitsRow(from.context, row), target);
}

/** The same for a row of the last layer's output, into an array of the library's `outputSize`: a row is no longer. */
export function readEmbedding(from: RowSource, row: number, target: Float32Array): boolean {
  return copyRow(from.cLibrary, from.library.embeddingRow(from.context, row), target);
}

function copyRow(cLibrary: CLibrary | null, source: Pointer, target: Float32Array): boolean {
  if (source === null) return false;
  if (cLibrary === null) target.set(koffi.decode(source, 'float', target.length) as ArrayLike<number>);
  else cLibrary.copyMemory(addressOf(target), source, target.byteLength);
  return true;
}
