import { toCodedError } from '../../../../protocol/codedError.ts';
import type { DraftLoadResult, DraftRequest, LoadOptions } from '../../engine.ts';
import type { FileTrials } from './fileTrials.ts';

/** A load whose files may all be opened. */
export interface AdmittedLoad {
  /** Without the drafts that may not. */
  readonly options: LoadOptions;
  /** What became of every draft that was asked for, in order; `loaded` says it of those that are in `options`. */
  readonly results: (loaded: readonly DraftLoadResult[]) => readonly DraftLoadResult[];
}

/**
 * Asks for every file of a load, as `FileTrials.admit` does, and throws what it throws. A draft that is refused is left
 * out: it fails no load.
 */
export async function admitLoad(
  trials: FileTrials,
  { path, options }: { readonly path: string; readonly options: LoadOptions },
  signal: AbortSignal,
): Promise<AdmittedLoad> {
  await trials.admit({ path, adapterPath: options.adapter?.path ?? null }, signal);
  const requests = options.speculation === 'off' ? [] : (options.drafts ?? []);
  const refused: DraftLoadResult[] = [];
  for (const request of requests) {
    const result = await refusalOf(trials, request, signal);
    if (result !== null) refused.push(result);
  }
  if (refused.length === 0) return { options, results: (loaded) => loaded };
  const admitted = requests.filter((request) => !refused.some(({ path }) => path === request.path));
  return {
    options: { ...options, drafts: admitted },
    results: (loaded) =>
      requests.flatMap(({ path }) => [...refused, ...loaded].find((result) => result.path === path) ?? []),
  };
}

async function refusalOf(
  trials: FileTrials,
  { path, source }: DraftRequest,
  signal: AbortSignal,
): Promise<DraftLoadResult | null> {
  try {
    await trials.admit({ path, adapterPath: null }, signal);
    return null;
  } catch (thrown) {
    const error = toCodedError(thrown);
    if (error.code === 'cancelled') throw error;
    return { path, source, error: error.toData() };
  }
}
