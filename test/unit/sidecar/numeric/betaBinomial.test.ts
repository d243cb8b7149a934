import fc from 'fast-check';
import { expect, test } from 'vitest';
import { betaBinomial } from '../../../../sidecar/numeric/betaBinomial.ts';

const shape = fc.double({ min: 0.5, max: 20, noNaN: true });
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

test('the probabilities of all numbers of successes make one, with the mean of the distribution', () => {
  fc.assert(
    fc.property(shape, shape, fc.nat(16), (alpha, beta, trials) => {
      const probabilities = betaBinomial(alpha, beta, trials);
      expect(probabilities).toHaveLength(trials + 1);
      expect(sum(probabilities)).toBeCloseTo(1, 9);
      const mean = sum(probabilities.map((probability, successes) => probability * successes));
      expect(mean).toBeCloseTo((trials * alpha) / (alpha + beta), 7);
    }),
  );
});

test('with nothing known before, every number of successes is as probable', () => {
  for (const probability of betaBinomial(1, 1, 4)) expect(probability).toBeCloseTo(0.2, 12);
});

test('of three in a row the fourth follows with four chances in five', () => {
  expect(betaBinomial(4, 1, 1)[1]).toBeCloseTo(4 / 5, 12);
});
