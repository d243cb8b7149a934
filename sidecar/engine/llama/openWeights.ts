import { CodedError } from '../../../protocol/codedError.ts';
import { registerProgress, type Pointer } from './llamaBindings.ts';
import { captureWarnings, type NativeRuntime } from './nativeRuntime.ts';

/** A model file to open. */
export interface OpenTask {
  readonly path: string;
  readonly isCancelled: () => boolean;
}

/**
 * Maps the weights of a file whose header was checked. Throws `model.unsupported` where llama.cpp refuses them or the
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

function loadWeights({ library }: NativeRuntime, task: OpenTask): Pointer {
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
