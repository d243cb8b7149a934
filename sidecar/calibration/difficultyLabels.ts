import { assertNever } from '../../protocol/assertNever.ts';
import type { DifficultyClass } from '../../protocol/traceEvent.ts';

/** What a question's samples came to. */
export interface QuestionScatter {
  /** Of its samples, 0…1. */
  readonly correctShare: number;
  /** Mean entropy of a token over all samples. */
  readonly meanEntropyNats: number;
}

export interface LabelThresholds {
  /** Share of right samples from which a question counts as solved. */
  readonly alpha: number;
  /** Entropy, in nats, up to which a solved one counts as solved without doubt. */
  readonly beta: number;
  /** Share of right samples below which a question counts as hard. */
  readonly gamma: number;
}

/** The shares of DiffAdapt (arXiv 2510.19669), which carry over between models; its β does not. */
export const publishedAlpha = 0.85;
export const publishedGamma = 0.6;
const publishedBeta = 0.35;

/** Solved without doubt is normal, seldom solved is hard, and what lies between is easy: it is overthought. Pure. */
export function difficultyOf(
  { correctShare, meanEntropyNats }: QuestionScatter,
  { alpha, beta, gamma }: LabelThresholds,
): DifficultyClass {
  if (correctShare >= alpha && meanEntropyNats <= beta) return 'normal';
  return correctShare < gamma ? 'hard' : 'easy';
}

/** How β is found. */
export type BetaRule =
  /** The split of solved questions by entropy that leaves the least variance within both sides (Otsu 1979). */
  | { readonly type: 'split' }
  /** The given share of solved questions has at most this entropy. */
  | { readonly type: 'percentile'; readonly share: number };

/** β from a model's own scatter: the entropies of the questions that it solves. The published one where none is. Pure. */
export function betaOf(scatter: readonly QuestionScatter[], alpha: number, rule: BetaRule): number {
  const entropies = scatter
    .filter(({ correctShare }) => correctShare >= alpha)
    .map(({ meanEntropyNats }) => meanEntropyNats)
    .sort((a, b) => a - b);
  switch (rule.type) {
    case 'split':
      return leastVarianceSplit(entropies) ?? entropies[0] ?? publishedBeta;
    case 'percentile':
      return entropies[Math.max(0, Math.ceil(rule.share * entropies.length) - 1)] ?? publishedBeta;
    default:
      return assertNever(rule);
  }
}

/** Halfway between the two neighbours that the best split parts; null for fewer than two different values. */
function leastVarianceSplit(sorted: readonly number[]): number | null {
  const total = sorted.reduce((sum, value) => sum + value, 0);
  let best: { readonly at: number; readonly between: number } | null = null;
  let below = 0;
  for (const [index, value] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next === undefined) break;
    below += value;
    if (next === value) continue;
    const count = index + 1;
    const rest = sorted.length - count;
    const between = count * rest * ((total - below) / rest - below / count) ** 2;
    if (best === null || between > best.between) best = { at: (value + next) / 2, between };
  }
  return best?.at ?? null;
}
