import { mean } from '../../numeric/mean.ts';
import type { Style } from './style.ts';

const levels = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
/** Entropy in nats that fills a cell. Fixed, so that rows can be compared with each other. */
const fullScaleNats = 3;

/**
 * Entropies as one row of at most `columns` cells, the mean of a stretch of tokens each, oldest first. Low is
 * calm, high and warm is where the model was unsure. Values that are not finite count as 0.
 */
export function sparkline(entropyNats: readonly number[], columns: number, style: Style): string {
  return bucketMeans(entropyNats, columns)
    .map((mean) => {
      const share = Math.min(1, Math.max(0, mean / fullScaleNats));
      const level = levels[Math.min(levels.length - 1, Math.floor(share * levels.length))] ?? levels[0];
      if (share < 1 / 3) return style.good(level);
      return share < 2 / 3 ? style.warm(level) : style.bad(level);
    })
    .join('');
}

/** Means of at most `count` equally long stretches, in order. */
export function bucketMeans(values: readonly number[], count: number): readonly number[] {
  const buckets = Math.min(count, values.length);
  return Array.from({ length: buckets }, (_, bucket) => {
    const from = Math.floor((bucket * values.length) / buckets);
    const to = Math.floor(((bucket + 1) * values.length) / buckets);
    return mean(values.slice(from, to).filter(Number.isFinite));
  });
}
