import { expect, it } from 'vitest';
import { betaAt } from '../../../../sidecar/numeric/betaSample.ts';

const draws = 20_000;
const sample = (alpha: number, beta: number): readonly number[] =>
  Array.from({ length: draws }, (_, stream) => betaAt(alpha, beta, { seed: 3, stream }));

it.each([
  [1, 1],
  [1, 9],
  [4.5, 2],
  [60, 70],
])('Beta(%d, %d) has its mean and its variance', (alpha, beta) => {
  const values = sample(alpha, beta);
  const sum = alpha + beta;
  const mean = values.reduce((total, value) => total + value, 0) / draws;
  const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / draws;
  const expectedVariance = (alpha * beta) / (sum ** 2 * (sum + 1));
  // Five standard errors of the mean.
  expect(Math.abs(mean - alpha / sum)).toBeLessThan(5 * Math.sqrt(expectedVariance / draws));
  expect(variance / expectedVariance).toBeCloseTo(1, 1);
  expect(Math.min(...values)).toBeGreaterThan(0);
  expect(Math.max(...values)).toBeLessThan(1);
});

it('is the same at the same place', () => {
  expect(betaAt(2, 3, { seed: 7, stream: 5 })).toBe(betaAt(2, 3, { seed: 7, stream: 5 }));
  expect(betaAt(2, 3, { seed: 7, stream: 5 })).not.toBe(betaAt(2, 3, { seed: 7, stream: 6 }));
});
