import { toCodedError } from '../../../../protocol/codedError.ts';
import type { DraftLoadResult, DraftRequest, LoadOptions } from '../../engine.ts';
import type { FileTrials } from './fileTrials.ts';

/** A load whose files may all be opened. */
export interface AdmittedLoad {
  /** Without the drafts that may not. */
  readonly options: LoadOptions;
  /** What became of every draft that was asked for, in order; `loaded` says it of those that are in `options`. */
  readonly standings: (loaded: readonly DraftLoadResult[]) => readonly DraftLoadResult[];
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
  const wishes = options.speculation === 'off' ? [] : (options.drafts ?? []);
  const refused: DraftLoadResult[] = [];
  for (const wish of wishes) {
    const standing = await refusalOf(trials, wish, signal);
    if (standing !== null) refused.push(standing);
  }
  if (refused.length === 0) return { options, standings: (loaded) => loaded };
  const admitted = wishes.filter((wish) => !refused.some(({ path }) => path === wish.path));
  return {
    options: { ...options, drafts: admitted },
    standings: (loaded) =>
      wishes.flatMap(({ path }) => [...refused, ...loaded].find((standing) => standing.path === path) ?? []),
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
