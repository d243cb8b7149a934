import { difficultyClasses, type DifficultyClass } from '../../protocol/traceEvent.ts';

/** What is known of a question by its first tokens, and its class. */
export interface LabelledPrefix {
  readonly meanEntropyNats: number;
  readonly difficulty: DifficultyClass;
}

/** Two thresholds on a probe prefix's mean entropy, and the class of each of the three stretches between them. */
export interface FittedEntropyRule {
  readonly lowerNats: number;
  readonly upperNats: number;
  /** Up to the lower one, between, from the upper one on. */
  readonly classes: readonly [DifficultyClass, DifficultyClass, DifficultyClass];
}

/**
 * The entropy rule at its best: of all pairs of thresholds and all ways to give the classes to the stretches, the one
 * that is right most often on these questions. What a probe has to beat to be worth its file.
 */
export function fitEntropyRule(prefixes: readonly LabelledPrefix[]): FittedEntropyRule {
  const sorted = prefixes.toSorted((a, b) => a.meanEntropyNats - b.meanEntropyNats);
  const sums = cumulativeCounts(sorted);
  const cuts = [0, ...sorted.flatMap(isCut)];
  let best: {
    readonly right: number;
    readonly from: number;
    readonly to: number;
    readonly classes: Stretches;
  } = {
    right: -1,
    from: 0,
    to: 0,
    classes: ['normal', 'normal', 'normal'],
  };
  for (const from of cuts) {
    for (const to of cuts) {
      if (to < from) continue;
      const [low, middle, high] = [
        mostIn(sums, 0, from),
        mostIn(sums, from, to),
        mostIn(sums, to, sorted.length),
      ];
      const right = low.count + middle.count + high.count;
      if (right > best.right) best = { right, from, to, classes: [low.name, middle.name, high.name] };
    }
  }
  return {
    lowerNats: thresholdAt(sorted, best.from),
    upperNats: thresholdAt(sorted, best.to),
    classes: best.classes,
  };
}

/** What the fitted rule says of a probe prefix. Pure. */
export function judgeByEntropy(
  { lowerNats, upperNats, classes }: FittedEntropyRule,
  meanEntropyNats: number,
): DifficultyClass {
  return classes[meanEntropyNats < lowerNats ? 0 : meanEntropyNats < upperNats ? 1 : 2];
}

type Stretches = FittedEntropyRule['classes'];
type Counts = readonly [number, number, number];

/** Between this one and the next a threshold can lie, where they differ; after the last one too. */
function isCut(
  { meanEntropyNats }: LabelledPrefix,
  index: number,
  sorted: readonly LabelledPrefix[],
): readonly number[] {
  return sorted[index + 1]?.meanEntropyNats === meanEntropyNats ? [] : [index + 1];
}

/** Counts each class among the first 0, 1, 2 … */
function cumulativeCounts(sorted: readonly LabelledPrefix[]): readonly Counts[] {
  const sums: Counts[] = [[0, 0, 0]];
  for (const { difficulty } of sorted) {
    const [easy, normal, hard] = sums.at(-1) ?? [0, 0, 0];
    sums.push([
      easy + (difficulty === 'easy' ? 1 : 0),
      normal + (difficulty === 'normal' ? 1 : 0),
      hard + (difficulty === 'hard' ? 1 : 0),
    ]);
  }
  return sums;
}

function mostIn(
  sums: readonly Counts[],
  from: number,
  to: number,
): { readonly name: DifficultyClass; readonly count: number } {
  const counts = difficultyClasses.map((_, index) => (sums[to]?.[index] ?? 0) - (sums[from]?.[index] ?? 0));
  const count = Math.max(...counts);
  return { name: difficultyClasses[counts.indexOf(count)] ?? 'normal', count };
}

/** Halfway between the neighbours; `Infinity` after the last one, `-Infinity` before the first. */
function thresholdAt(sorted: readonly LabelledPrefix[], cut: number): number {
  const before = sorted[cut - 1]?.meanEntropyNats ?? -Infinity;
  const behind = sorted[cut]?.meanEntropyNats ?? Infinity;
  return (before + behind) / 2;
}
