import { assertNever } from '../../protocol/assertNever.ts';
import { type DifficultyClass, difficultyClasses } from '../../protocol/traceEvent.ts';

/** Results of a question's samples. */
export interface QuestionScatter {
  /** Part of its samples that are right, 0…1. */
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

/** Those of DiffAdapt (arXiv 2510.19669), for ten samples of each question. */
export const publishedThresholds: LabelThresholds = { alpha: 0.85, beta: 0.35, gamma: 0.6 };

/** Solved without doubt is normal, seldom solved is hard, and what lies between is easy: it is overthought. Pure. */
export function difficultyOf(
  { correctShare, meanEntropyNats }: QuestionScatter,
  { alpha, beta, gamma }: LabelThresholds,
): DifficultyClass {
  if (correctShare >= alpha && meanEntropyNats <= beta) return 'normal';
  return correctShare < gamma ? 'hard' : 'easy';
}

/** How α and γ are found. */
export const shareRules = ['even', 'published'] as const;
export type ShareRule = (typeof shareRules)[number];

/**
 * Thresholds for a model by its own scatter. `even` takes the α and γ that make the classes most even (*ours*): what a share
 * of a few samples can say depends on how often a model is right at all, and with a class that holds nearly everything
 * there is nothing to tell apart. Of equals those nearest to the published ones. Pure.
 */
export function thresholdsOf(
  scatter: readonly QuestionScatter[],
  { shareRule, betaRule }: { readonly shareRule: ShareRule; readonly betaRule: BetaRule },
): LabelThresholds {
  const withShares = (alpha: number, gamma: number): LabelThresholds => {
    return { alpha, beta: betaOf(scatter, alpha, betaRule), gamma };
  };
  const { alpha, gamma } = publishedThresholds;
  const published = withShares(alpha, gamma);
  if (shareRule === 'published') return published;
  const cuts = cutsBetween(scatter.map(({ correctShare }) => correctShare));
  const others = cuts.flatMap((low, index) => cuts.slice(index).map((high) => withShares(high, low)));
  const choices = [published, ...others];
  const distance = (one: LabelThresholds): number =>
    Math.abs(one.alpha - alpha) + Math.abs(one.gamma - gamma);
  const unevenness = new Map(choices.map((choice) => [choice, unevennessOf(scatter, choice)]));
  const byEvenness = (a: LabelThresholds, b: LabelThresholds): number =>
    (unevenness.get(a) ?? 0) - (unevenness.get(b) ?? 0) || distance(a) - distance(b);
  return choices.sort(byEvenness)[0] ?? published;
}

/** Halfway between each value and the next higher one, ascending. */
function cutsBetween(values: readonly number[]): readonly number[] {
  const levels = [...new Set(values)].sort((a, b) => a - b);
  return levels.slice(1).map((level, index) => (level + (levels[index] ?? level)) / 2);
}

/** Sum of the classes' squared sizes: least where they are all alike. */
function unevennessOf(scatter: readonly QuestionScatter[], thresholds: LabelThresholds): number {
  const classes = scatter.map((one) => difficultyOf(one, thresholds));
  const sizes = difficultyClasses.map((name) => classes.filter((one) => one === name).length);
  return sizes.reduce((sum, size) => sum + size ** 2, 0);
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
      return leastVarianceSplit(entropies) ?? entropies[0] ?? publishedThresholds.beta;
    case 'percentile':
      return entropies[Math.max(0, Math.ceil(rule.share * entropies.length) - 1)] ?? publishedThresholds.beta;
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
