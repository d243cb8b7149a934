import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SamplerSettings } from '../../../../../../protocol/traceEvent.ts';
import { chooseToken, type LogitsRow } from '../../../../../../sidecar/engine/llama/decoding/tokenSampler.ts';
import { referenceShape } from '../../../../../../sidecar/numeric/referenceStatistics.ts';

const neutral: SamplerSettings = { temperature: 1, topK: 0, topP: 1, minP: 0 };
/** Probabilities 0.4, 0.1, 0.3, 0.2. */
const four = [Math.log(4), Math.log(1), Math.log(3), Math.log(2)];

function rowOf(logits: readonly number[]): LogitsRow {
  const drawable = logits.map((logit, id) => ({ logit, id }));
  return {
    vocabularySize: logits.length,
    gather: (threshold) => {
      const found = drawable.filter(({ logit }) => logit >= threshold);
      return {
        ids: Int32Array.from(found, ({ id }) => id),
        logits: Float32Array.from(found, ({ logit }) => logit),
      };
    },
    draw: (max, temperature, uniform) => {
      const weights = logits.map((logit) => Math.exp((logit - max) / temperature));
      let rest = uniform * weights.reduce((sum, weight) => sum + weight, 0);
      return weights.findIndex((weight) => (rest -= weight) < 0);
    },
  };
}

function choose(logits: readonly number[], settings: Partial<SamplerSettings>, uniform: number): number {
  const max = Math.max(...logits);
  const { logNormalizer } = referenceShape(logits);
  return chooseToken(
    rowOf(logits),
    { mostLikely: logits.indexOf(max), max, logNormalizer },
    { ...neutral, ...settings },
    uniform,
  );
}

/** Tokens that come up over a fine grid of uniform numbers. */
function reachable(logits: readonly number[], settings: Partial<SamplerSettings>): readonly number[] {
  const ids = Array.from({ length: 1000 }, (_, i) => choose(logits, settings, i / 1000));
  return [...new Set(ids)].sort((a, b) => a - b);
}

describe('chooseToken', () => {
  it('takes the most likely token when greedy, whatever the number', () => {
    expect(reachable(four, { temperature: 0 })).toEqual([0]);
    expect(reachable(four, { topK: 1 })).toEqual([0]);
  });

  it('keeps the k most likely', () => {
    expect(reachable(four, { topK: 2 })).toEqual([0, 2]);
    expect(reachable(four, { topK: 9 })).toEqual([0, 1, 2, 3]);
  });

  it('keeps the smallest set that reaches top-p', () => {
    expect(reachable(four, { topP: 0.39 })).toEqual([0]);
    expect(reachable(four, { topP: 0.69 })).toEqual([0, 2]);
    expect(reachable(four, { topP: 0.71 })).toEqual([0, 2, 3]);
  });

  it('drops what is below a share of the most likely', () => {
    expect(reachable(four, { minP: 0.6 })).toEqual([0, 2]);
    expect(reachable(four, { minP: 1 })).toEqual([0]);
  });

  it('needs a token to pass every filter', () => {
    expect(reachable(four, { topK: 3, topP: 0.95, minP: 0.7 })).toEqual([0, 2]);
  });

  it('draws in proportion to the probabilities among those that pass', () => {
    // 0.4 and 0.3 remain, most likely first: 4/7 of the numbers give token 0.
    expect(choose(four, { topK: 2 }, 0.57)).toBe(0);
    expect(choose(four, { topK: 2 }, 0.572)).toBe(2);
  });

  it('sharpens by temperature', () => {
    // Squared weights 16 and 9 of 25.
    expect(choose(four, { topK: 2, temperature: 0.5 }, 0.63)).toBe(0);
    expect(choose(four, { topK: 2, temperature: 0.5 }, 0.65)).toBe(2);
  });

  it('finds far-off tokens when a flat distribution needs them', () => {
    const flat = Array.from({ length: 2000 }, (_, i) => -i / 50);
    expect(reachable(flat, { topK: 1500, temperature: 50 }).length).toBeGreaterThan(500);
  });

  it('searches no further once only impossible tokens are left', () => {
    let searches = 0;
    const logits = [0, 0, -Infinity];
    const row = rowOf(logits);
    const counting = {
      ...row,
      gather: (threshold: number) => {
        searches += 1;
        return row.gather(threshold);
      },
    };
    const { logNormalizer } = referenceShape([0, 0]);
    const settings = { ...neutral, topK: 3, topP: 1 };
    expect(chooseToken(counting, { mostLikely: 0, max: 0, logNormalizer }, settings, 0.999)).toBe(1);
    expect(searches).toBeLessThan(12);
  });

  it('always gives a token that the filters let pass', () => {
    const logits = fc.array(fc.float({ min: -30, max: 30, noNaN: true }), { minLength: 1, maxLength: 200 });
    const settings = fc.record({
      temperature: fc.double({ min: 0.1, max: 3, noNaN: true }),
      topK: fc.integer({ min: 0, max: 50 }),
      topP: fc.double({ min: 0.01, max: 1, noNaN: true }),
      minP: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const uniform = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(logits, settings, uniform, (values, sampler, number) => {
        const id = choose(values, sampler, number);
        const logit = values[id] ?? NaN;
        const better = values.filter((value) => value > logit).length;
        if (sampler.topK > 0) expect(better).toBeLessThan(sampler.topK);
        expect(logit).toBeGreaterThanOrEqual(Math.max(...values) + Math.log(sampler.minP) - 1e-4);
      }),
    );
  });
});
