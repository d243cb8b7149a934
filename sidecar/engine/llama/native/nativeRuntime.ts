import { CodedError } from '../../../../protocol/codedError.ts';
import type { DeviceRoom } from './deviceRoom.ts';
import { checkLibrary, defaultPoolThreads, incompatible } from './libraryChecks.ts';
import { loadRemedy } from './libraryFiles.ts';
import { findLlamaLibraries, llamaVersion } from './libraryLocation.ts';
import { type LlamaLibrary, openLlamaLibrary } from './llamaBindings.ts';
import type { Pointer } from './llamaStructs.ts';
import { registerLog } from './nativeCallbacks.ts';
import { type CLibrary, openCLibrary } from './nativeMemory.ts';
import { checkRequestedGpu } from './requestedGpu.ts';

/** `enum ggml_log_level`: warnings and errors are at or above this; 5 continues the line before. */
const warningLevel = 3;
const continuationLevel = 5;
/** `enum ggml_backend_dev_type` for graphics processors. */
const gpuTypes: readonly number[] = [1, 2];

/** llama.cpp, loaded and checked: what all models of an engine thread share. */
export interface NativeRuntime {
  readonly library: LlamaLibrary;
  readonly cLibrary: CLibrary | null;
  readonly flavour: string;
  /** Where layers can run, such as `CPU (AMD EPYC 9R14)` or `Vulkan0 (NVIDIA RTX 4090)`. */
  readonly backend: string;
  readonly hasGpu: boolean;
  /** Buffer types in which weights are kept in the processor's own order. */
  readonly extraBuffers: readonly string[];
  /** What is free on the graphics processors now; null where there are none. */
  deviceRoom(): DeviceRoom | null;
}

/**
 * Loads the best installed flavour of llama.cpp and its back ends. Throws `parameter.invalid` where the environment
 * asks for a build that does not exist, `library.missing` where none is installed and `library.incompatible` where it cannot be loaded or is not the release that the bindings fit.
 */
export function openNativeRuntime(bundleFolder: string): NativeRuntime {
  checkRequestedGpu(process.env);
  const libraries = findLlamaLibraries(bundleFolder, process.platform, process.arch);
  const library = openChecked(() => openLlamaLibrary(libraries));
  checkLibrary(
    {
      version: library.version(),
      model: library.modelDefaultParams(),
      context: library.contextDefaultParams(),
      threadPool: library.threadPoolDefaultParams(defaultPoolThreads),
    },
    llamaVersion,
  );
  captureWarnings(library, () => {
    library.loadBackends(libraries.folder);
    library.backendInit();
  });
  const devices = devicesOf(library);
  if (devices.length === 0) throw incompatible('none of its back ends runs on this processor');
  const gpus = devices.filter(({ isGpu }) => isGpu);
  const best = gpus[0] ?? devices[0];
  const processor = devices.find(({ isGpu }) => !isGpu);
  return {
    library,
    cLibrary: openCLibrary(process.platform),
    flavour: libraries.flavour,
    backend: best === undefined ? 'CPU' : `${best.name} (${best.description})`,
    hasGpu: gpus.length > 0,
    extraBuffers: processor === undefined ? [] : library.extraBufferNames(processor.pointer),
    deviceRoom: () => {
      if (gpus.length === 0) return null;
      const free = gpus.map(({ pointer }) => {
        const { freeBytes, totalBytes } = library.deviceMemory(pointer);
        // A driver that does not tell is left to refuse by itself.
        return totalBytes === 0 ? Infinity : freeBytes;
      });
      return { freeBytes: free.reduce((sum, bytes) => sum + bytes, 0), count: gpus.length };
    },
  };
}

/**
 * Runs native code with its log in hand: warnings go to stderr and come back as lines, the chatter below them is
 * dropped. Calls may be nested. After the outermost the native default is back, which writes to stderr, because other
 * threads may log then.
 */
export function captureWarnings<T>(
  library: Pick<LlamaLibrary, 'setLog'>,
  run: () => T,
): { readonly value: T; readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  let isWarning = false;
  const outer = logInUse;
  const callback = registerLog((level, text) => {
    if (level !== continuationLevel) isWarning = level >= warningLevel;
    if (!isWarning) return;
    warnings.push(text.trim());
    process.stderr.write(text);
  });
  logInUse = callback.pointer;
  library.setLog(logInUse);
  try {
    return { value: run(), warnings };
  } finally {
    logInUse = outer;
    library.setLog(outer);
    callback.release();
  }
}

/** Log of the call under way on this thread, which an inner call restores; null for the native default. */
let logInUse: Pointer = null;

function openChecked(open: () => LlamaLibrary): LlamaLibrary {
  try {
    return open();
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw incompatible(message, { cause, remedy: loadRemedy(process.platform) });
  }
}

interface Device {
  readonly pointer: Pointer;
  readonly name: string;
  readonly description: string;
  readonly isGpu: boolean;
}

function devicesOf(library: LlamaLibrary): readonly Device[] {
  return Array.from({ length: library.deviceCount() }, (_, i): Pointer => library.device(i)).map(
    (device) => ({
      pointer: device,
      name: library.deviceName(device),
      description: library.deviceDescription(device),
      isGpu: gpuTypes.includes(library.deviceType(device)),
    }),
  );
}
