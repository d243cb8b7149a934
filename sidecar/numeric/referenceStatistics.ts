import type { DistributionShape } from './tokenStatistics.ts';

/** What the kernel must agree with: the definitions, in double precision, one step after another. */
export function referenceShape(logits: ArrayLike<number>): DistributionShape {
  const values = Array.from(logits);
  const max = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const logNormalizer = max + Math.log(values.reduce((sum, l) => sum + Math.exp(l - max), 0));
  const logprobs = values.map((l) => l - logNormalizer);
  const entropyNats = -logprobs.reduce((sum, logprob) => sum + Math.exp(logprob) * logprob, 0);
  const varentropy = logprobs.reduce(
    (sum, logprob) => sum + Math.exp(logprob) * (logprob + entropyNats) ** 2,
    0,
  );
  return { logNormalizer, entropyNats, varentropy };
}

/** Ids of the `count` largest logits in descending order, earlier ids first among equals. */
export function referenceLeading(logits: ArrayLike<number>, count: number): readonly number[] {
  return Array.from(logits, (logit, id) => ({ logit, id }))
    .sort((a, b) => b.logit - a.logit || a.id - b.id)
    .slice(0, count)
    .map(({ id }) => id);
}
