import type { Engine, LoadOptions, Model } from './engine.ts';
import type { EngineSource } from './engineSource.ts';

/** An engine that hands each source to the one for its kind. Owns both. */
export function engineBySource(engines: Readonly<Record<EngineSource['kind'], Engine>>): Engine {
  const all = Object.values(engines);
  return {
    open: (source: EngineSource, options: LoadOptions, signal: AbortSignal): Promise<Model> =>
      engines[source.kind].open(source, options, signal),
    onFailed: (listener) => {
      for (const engine of all) engine.onFailed(listener);
    },
    dispose: async () => {
      await Promise.all(all.map((engine) => engine.dispose()));
    },
  };
}
