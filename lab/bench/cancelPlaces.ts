import { uniformAt } from '../../sidecar/numeric/random.ts';

/** Prompt positions, in tokens, at which prefixes are held ready. */
export const heldEvery = 512;
/**
 * Tokens that a run computes before its cancel, where the prompt has so many: an interactive prompt begins in short
 * chunks and goes on in chunks as long as what it has behind it, so that by here they are as long as they get.
 */
export const leadTokens = 768;

/** A cancel inside a prefill, by the prompt's tokens. */
export interface CancelPlace {
  /** Where the run begins: a multiple of `heldEvery`, what lies before is held ready. */
  readonly startToken: number;
  /** Where the run is cancelled, about; not whole. */
  readonly cancelToken: number;
}

/**
 * `count` places over a prompt of so many tokens, one drawn uniformly from each of as many equal parts of it, each with
 * the nearest start that leaves a whole lead. Pure; the same seed draws the same.
 */
export function cancelPlaces(count: number, promptTokens: number, seed: number): readonly CancelPlace[] {
  return Array.from({ length: count }, (_, index) => {
    const cancelToken = ((index + uniformAt(seed, 0, index)) / count) * promptTokens;
    const startToken = Math.max(0, Math.floor((cancelToken - leadTokens) / heldEvery)) * heldEvery;
    return { startToken, cancelToken };
  });
}

/**
 * Milliseconds that a prefill needs from its start to a token, where `endsMs` holds the times at the end of each
 * `heldEvery` tokens: interpolated between them. Pure.
 */
export function timeAt(token: number, endsMs: readonly number[]): number {
  const part = Math.floor(token / heldEvery);
  const before = part === 0 ? 0 : (endsMs[part - 1] ?? NaN);
  const after = endsMs[part] ?? before;
  return before + (token / heldEvery - part) * (after - before);
}
