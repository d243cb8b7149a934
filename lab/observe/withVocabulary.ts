import { openWeights } from '../../sidecar/engine/llama/loading/openWeights.ts';
import { openNativeRuntime } from '../../sidecar/engine/llama/native/nativeRuntime.ts';
import { Vocabulary } from '../../sidecar/engine/llama/native/vocabulary.ts';

/**
 * Opens a model file on the calling thread and hands out its vocabulary, a new one for each call of `open`, whose caches are
 * empty. Frees the file whatever happens; vocabularies must not be used afterwards.
 */
export function withVocabulary<T>(path: string, bundleFolder: string, use: (open: () => Vocabulary) => T): T {
  const runtime = openNativeRuntime(bundleFolder);
  const { library } = runtime;
  const model = openWeights(runtime, { path, isCancelled: () => false });
  try {
    return use(() => new Vocabulary(library, library.modelVocabulary(model)));
  } finally {
    library.freeModel(model);
  }
}
