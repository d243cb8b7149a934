import { CodedError } from '../../../../protocol/codedError.ts';
import { HugePages } from '../native/hugePages.ts';
import { overrideBuffers, registerProgress } from '../native/nativeCallbacks.ts';
import type { ModelParams, Pointer } from '../native/llamaStructs.ts';
import { captureWarnings, type NativeRuntime } from '../native/nativeRuntime.ts';

/** How weights come into memory, and where to. */
export interface WeightsPlan {
  /** Mapped from the file, or read into memory of this process. */
  readonly isMapped: boolean;
  /** The last blocks on a device, the output layer as one more; 0 for none. */
  readonly deviceLayers: number;
  /** Names of tensors that stay in host memory all the same; null for none. */
  readonly hostPattern: string | null;
}

/** As `deviceLayers`: everything, where there is a device. */
export const allLayers = -1;

/** A model file to open. */
export interface OpenTask {
  readonly path: string;
  /** Default: mapped, and all of it on a device where there is one. */
  readonly plan?: WeightsPlan;
  /** In the place of llama.cpp's defaults, for what the plan leaves open. */
  readonly params?: Partial<ModelParams>;
  readonly isCancelled: () => boolean;
}

/** `enum llama_load_mode`. */
const loadRead = 0;
const loadMapped = 1;

/**
 * Loads the weights of a file whose header was checked. Throws `model.unsupported` where llama.cpp refuses them or the
 * engine cannot run them, and `cancelled`; nothing is left in memory then. Free with `freeModel`.
 */
export function openWeights(runtime: NativeRuntime, task: OpenTask): Pointer {
  refuseCancelled(task);
  const model = loadWeights(runtime, task);
  try {
    refuseCancelled(task);
    refuseUnsupported(runtime, model);
    return model;
  } catch (thrown) {
    runtime.library.freeModel(model);
    throw thrown;
  }
}

function loadWeights({ library, cLibrary }: NativeRuntime, task: OpenTask): Pointer {
  const { plan } = task;
  const hugePages = new HugePages(cLibrary);
  const pattern = plan?.hostPattern ?? null;
  const override = pattern === null ? null : overrideBuffers(pattern, library.hostBufferType());
  let isReserved = false;
  const progress = registerProgress(() => {
    // llama.cpp reports for the first time when the buffers are reserved and before they are filled.
    if (!isReserved) hugePages.prefer();
    isReserved = true;
    return !task.isCancelled();
  });
  try {
    const params = {
      ...library.modelDefaultParams(),
      ...task.params,
      ...(plan && { n_gpu_layers: plan.deviceLayers, load_mode: plan.isMapped ? loadMapped : loadRead }),
      tensor_buft_overrides: override?.pointer ?? null,
      progress_callback: progress.pointer,
    };
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
    override?.release();
  }
}

function refuseCancelled(task: OpenTask): void {
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
