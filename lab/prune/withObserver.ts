import type { FileTrials } from '../../sidecar/engine/llama/trial/fileTrials.ts';
import type { BlockObserver } from '../observe/blockObservation.ts';

export interface ObserverOptions {
  /** Where kernels and llama.cpp are. */
  readonly bundleFolder: string;
  /** Asked for the file before llama.cpp sees it. */
  readonly trials: FileTrials;
  /** The longest text that is looked at. */
  readonly contextTokens: number;
}

/**
 * Opens a model file for looking into its blocks, hands it to `use`, and disposes it whatever happens. Throws as loading
 * does. llama.cpp's bindings are loaded with the first model: no other command of the program needs them.
 */
export async function withObserver<T>(
  modelPath: string,
  options: ObserverOptions,
  use: (observer: BlockObserver) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const { openBlockObserver } = await import('../observe/llamaBlockObserver.ts');
  const observer = await openBlockObserver(modelPath, options, signal);
  try {
    return await use(observer);
  } finally {
    observer.dispose();
  }
}
