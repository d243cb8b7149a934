import { type DifficultyClass, difficultyClasses } from '../../protocol/traceEvent.ts';
import { mean } from '../../sidecar/numeric/mean.ts';
import type { Probabilities } from './probeNetwork.ts';

/** A judgement beside what the samples said. Probabilities are null where the judge gives none. */
export interface Judged {
  readonly actual: DifficultyClass;
  readonly predicted: DifficultyClass;
  readonly probabilities: Probabilities | null;
}

/** Questions by actual class (row) and predicted class (column), in the order of `difficultyClasses`. */
export type ConfusionMatrix = readonly (readonly number[])[];

export interface ReliabilityBin {
  /** Confidences from here, to the next bin's. */
  readonly from: number;
  readonly count: number;
  /** Means over the bin; 0 for an empty one. */
  readonly confidence: number;
  readonly accuracy: number;
}

export interface ShareInterval {
  readonly low: number;
  readonly high: number;
}

const binCount = 10;

export function confusionOf(judged: readonly Judged[]): ConfusionMatrix {
  return difficultyClasses.map((actual) => {
    const row = judged.filter((one) => one.actual === actual);
    return difficultyClasses.map((predicted) => row.filter((one) => one.predicted === predicted).length);
  });
}

/** Share of questions on the matrix's diagonal; 0 for none at all. */
export function accuracyOf(matrix: ConfusionMatrix): number {
  const total = matrix.flat().reduce((sum, count) => sum + count, 0);
  const right = matrix.reduce((sum, row, index) => sum + (row[index] ?? 0), 0);
  return total === 0 ? 0 : right / total;
}

/** Mean over the classes that there are of the share of each that was told; 0 for none at all. */
export function balancedAccuracyOf(matrix: ConfusionMatrix): number {
  const shares = matrix.flatMap((row, index) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return total === 0 ? [] : [(row[index] ?? 0) / total];
  });
  return mean(shares);
}

/** Where the true share lies in 95 of 100 such sets (Wilson 1927). */
export function shareInterval(share: number, count: number): ShareInterval {
  if (count === 0) return { low: 0, high: 1 };
  const z = 1.96;
  const spread = z * Math.sqrt((share * (1 - share)) / count + (z / 2 / count) ** 2);
  const centre = share + z ** 2 / 2 / count;
  const scale = 1 + z ** 2 / count;
  return { low: (centre - spread) / scale, high: (centre + spread) / scale };
}

/** How often the likeliest class was right, by how likely it was said to be: ten bins of equal width. */
export function reliabilityOf(judged: readonly Judged[]): readonly ReliabilityBin[] {
  return reliabilityBins(
    judged.flatMap(({ actual, predicted, probabilities }) =>
      probabilities === null
        ? []
        : [{ confidence: Math.max(...probabilities), isRight: actual === predicted }],
    ),
  );
}

/** How often something was so, by how likely it was said to be: ten bins of equal width. Pure. */
export function reliabilityBins(
  judged: readonly { readonly confidence: number; readonly isRight: boolean }[],
): readonly ReliabilityBin[] {
  return Array.from({ length: binCount }, (_, index) => {
    const inside = judged.filter(
      ({ confidence }) => Math.min(binCount - 1, Math.floor(confidence * binCount)) === index,
    );
    return {
      from: index / binCount,
      count: inside.length,
      confidence: mean(inside.map(({ confidence }) => confidence)),
      accuracy: mean(inside.map(({ isRight }) => (isRight ? 1 : 0))),
    };
  });
}

/** Mean distance of confidence from accuracy over the bins, each by its number of questions (arXiv 1706.04599). */
export function calibrationError(bins: readonly ReliabilityBin[]): number {
  const total = bins.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return 0;
  return bins.reduce(
    (sum, { count, confidence, accuracy }) => sum + (count / total) * Math.abs(confidence - accuracy),
    0,
  );
}

/** Mean log-loss of saying of each of these how often its class occurs among them, in nats; 0 for none at all. */
export function constantLossNats(labels: readonly DifficultyClass[]): number {
  return mean(
    labels.map((label) => -Math.log(labels.filter((other) => other === label).length / labels.length)),
  );
}

/** The class that most of these are of; the first of them where several are. */
export function majorityClass(labels: readonly DifficultyClass[]): DifficultyClass {
  const counts = difficultyClasses.map((name) => labels.filter((label) => label === name).length);
  return difficultyClasses[counts.indexOf(Math.max(...counts))] ?? 'normal';
}
