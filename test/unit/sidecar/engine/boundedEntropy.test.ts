import { describe, expect, it } from 'vitest';
import { boundEntropy, largestVocabulary } from '../../../../sidecar/engine/boundedEntropy.ts';
import { uniformAt } from '../../../../sidecar/numeric/random.ts';

const logs = (...probabilities: number[]) => probabilities.map((p) => Math.log(p));
const entropyOf = (probabilities: readonly number[]) =>
  probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);

describe('bounds of an entropy', () => {
  it('are as computed by hand where half of the mass is known', () => {
    // .25 and .25 of 6 tokens; the rest of .5 is at least two more of .25, and at most four of .125.
    const { lowerNats, upperNats } = boundEntropy(logs(0.25, 0.25), { drawn: null, vocabularySize: 6 });
    expect(lowerNats).toBeCloseTo(Math.log(4), 12);
    expect(upperNats).toBeCloseTo(0.5 * Math.log(4) + 0.5 * Math.log(8), 12);
  });

  it('are one where the top alternatives have all of the mass', () => {
    const { lowerNats, upperNats } = boundEntropy(logs(0.5, 0.5), { drawn: null, vocabularySize: 9 });
    expect(lowerNats).toBeCloseTo(Math.LN2, 12);
    expect(upperNats).toBeCloseTo(Math.LN2, 12);
  });

  it('count a drawn token that is not among the top ones', () => {
    const without = boundEntropy(logs(0.6, 0.2), { drawn: Math.log(0.2), vocabularySize: 10 });
    const within = boundEntropy(logs(0.6, 0.2), { drawn: Math.log(0.1), vocabularySize: 10 });
    expect(within.upperNats).toBeLessThan(without.upperNats);
    expect(within.lowerNats).toBeGreaterThan(without.lowerNats);
  });

  it.each([-9999, -Number.MAX_VALUE, -Infinity])('take %d for what cannot be drawn', (logprob) => {
    const bounds = boundEntropy([Math.log(0.5), Math.log(0.5), logprob], {
      drawn: logprob,
      vocabularySize: 3,
    });
    expect(bounds.lowerNats).toBeCloseTo(Math.LN2, 12);
    expect(bounds.upperNats).toBeCloseTo(Math.LN2, 12);
  });

  it('are as wide as the vocabulary without any probability', () => {
    const { lowerNats, upperNats } = boundEntropy([], { drawn: null, vocabularySize: 100 });
    expect(lowerNats).toBe(0);
    expect(upperNats).toBeCloseTo(Math.log(100), 12);
    expect(boundEntropy([], { drawn: null, vocabularySize: null }).upperNats).toBe(
      Math.log(largestVocabulary),
    );
  });

  it('contain the true entropy of any distribution, whatever is known of it', () => {
    for (let trial = 0; trial < 300; trial++) {
      const size = 2 + Math.floor(uniformAt(1, trial, 0) * 60);
      const sharpness = uniformAt(2, trial, 0) * 12;
      const weights = Array.from({ length: size }, (_, i) => Math.exp(sharpness * uniformAt(3, trial, i)));
      const sum = weights.reduce((a, b) => a + b, 0);
      const sorted = weights.map((weight) => weight / sum).toSorted((a, b) => b - a);
      const known = Math.floor(uniformAt(4, trial, 0) * (Math.min(20, size) + 1));
      const drawn = sorted[Math.floor(uniformAt(5, trial, 0) * size)] ?? 1;
      const { lowerNats, upperNats } = boundEntropy(logs(...sorted.slice(0, known)), {
        drawn: Math.log(drawn),
        vocabularySize: size,
      });
      const truth = entropyOf(sorted);
      expect(lowerNats).toBeLessThanOrEqual(truth + 1e-9);
      expect(upperNats).toBeGreaterThanOrEqual(truth - 1e-9);
    }
  });

  it('survive rounded probabilities that add up to more than one', () => {
    const { lowerNats, upperNats } = boundEntropy([0, -9], { drawn: null, vocabularySize: 50 });
    expect(lowerNats).toBeGreaterThanOrEqual(0);
    expect(upperNats).toBeGreaterThanOrEqual(lowerNats);
    expect(boundEntropy([-Infinity, 0], { drawn: -Infinity, vocabularySize: 5 }).upperNats).toBeCloseTo(
      0,
      12,
    );
  });
});
