import type { BlockObserver } from '../observe/blockObservation.ts';

export interface ObserverOptions {
  /** Where kernels and llama.cpp are. */
  readonly bundleFolder: string;
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
): Promise<T> {
  const { openBlockObserver } = await import('../observe/llamaBlockObserver.ts');
  const observer = await openBlockObserver(modelPath, options);
  try {
    return await use(observer);
  } finally {
    observer.dispose();
  }
}
