import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeBasis,
  dequantise,
  encodeBasis,
  fitBasis,
  narrowed,
  quantise,
  scoresOf,
} from '../../../../../lab/calibrate/valueSet/valueBasis.ts';
import { decodePart, encodePart } from '../../../../../lab/calibrate/valueSet/valueSetPart.ts';
import type { ValueCandidate } from '../../../../../lab/calibrate/valueSet/valueQuestion.ts';
import { uniformAt } from '../../../../../sidecar/numeric/random.ts';

const size = 6;
/** Two directions of much variance among six numbers, one of which never changes. */
const states = Array.from({ length: 80 }, (_, row) => {
  const [a, b] = [uniformAt(1, row, 0) - 0.5, uniformAt(1, row, 1) - 0.5];
  return Float32Array.from([10 * a, 10 * a + 0.1 * b, 3 * b, -3 * b + 0.1 * a, 7, a - b]);
});

describe('the basis of a value set', () => {
  it('is read back as it was written', () => {
    const basis = fitBasis(states, { componentCount: 3, bits: 8 });
    expect(decodeBasis(encodeBasis(basis))).toEqual(basis);
    expect(encodeBasis(basis)).toHaveLength(4 * (3 + 2 * size + 3) + 2 * size * 3);
    expect(() => decodeBasis(encodeBasis(basis).subarray(1))).toThrow(
      expect.objectContaining({ code: 'calibration.mismatch' }),
    );
    expect(() => decodeBasis(new Uint8Array())).toThrow(
      expect.objectContaining({ code: 'calibration.mismatch' }),
    );
  });

  it.each([
    [8, 127],
    [4, 7],
  ] as const)('keeps scores in %d bits to half a step, and cuts off what lies beyond', (bits, most) => {
    const basis = fitBasis(states, { componentCount: 3, bits });
    for (const state of states) {
      const scores = scoresOf(state, basis);
      const kept = dequantise(quantise(scores, basis), basis);
      for (const [c, score] of scores.entries()) {
        const step = basis.scales[c] ?? NaN;
        const bound = Math.max(step / 2, Math.abs(score) - most * step) + 1e-5;
        expect(Math.abs((kept[c] ?? NaN) - score)).toBeLessThanOrEqual(bound);
      }
    }
    const scale = basis.scales[0] ?? NaN;
    expect([...quantise([1e6, -1e6, 0], basis)]).toEqual([most, -most, 0]);
    expect(quantise([2 * scale, 0, 0], basis)[0]).toBe(2);
  });

  it('of fewer components and bits is the one that is fitted so', () => {
    const wide = fitBasis(states, { componentCount: 4, bits: 8 });
    const fitted = fitBasis(states, { componentCount: 2, bits: 4 });
    const cut = narrowed(wide, { componentCount: 2, bits: 4 });
    expect(cut.components).toHaveLength(2 * size);
    for (const name of ['components', 'scales'] as const) {
      for (const [i, value] of cut[name].entries())
        expect(Math.abs(value)).toBeCloseTo(Math.abs(fitted[name][i] ?? NaN), 3);
    }
    expect(cut.bits).toBe(4);
  });
});

describe('a part of a value set', () => {
  const candidate = (points: number, text: string): ValueCandidate => ({
    isCorrect: points % 2 === 0,
    answer: points === 0 ? null : `${points}`,
    end: 'finished',
    isCutOff: points === 2,
    thoughtTokens: points * 3,
    answerTokens: 1,
    text,
    points: Array.from({ length: points }, (_, i) => ({
      place: i + 1 === points ? 'answer' : 'lineEnd',
      generatedTokens: i * 4,
      characters: i,
      entropyNats: i / 8,
    })),
  });

  it('is read back as it was written, for any texts, levels, and both counts of bits', () => {
    const question = fc.record({
      id: fc.oneof(fc.string(), fc.integer()),
      points: fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }),
      text: fc.string({ unit: 'binary' }),
      seed: fc.nat(1e6),
    });
    const anyPart = fc.tuple(
      fc.array(question, { maxLength: 4 }),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(8, 4),
    );
    fc.assert(
      fc.property(anyPart, ([drawn, componentCount, bits]) => {
        const shape = { componentCount, bits } as const;
        const most = bits === 8 ? 127 : 7;
        const questions = drawn.map(({ id, points, text, seed }) => ({
          id,
          questionHash: `hash ${seed}`,
          promptTokens: seed,
          candidates: points.map((count) => candidate(count, text)),
          levels: Array.from({ length: 1 + points.reduce((sum, count) => sum + count, 0) }, (_, row) =>
            Int8Array.from(
              { length: componentCount },
              (_number, c) => Math.round(uniformAt(seed, row, c) * 2 * most) - most,
            ),
          ),
        }));
        expect(decodePart(encodePart(questions, shape), shape)).toEqual(questions);
      }),
      { numRuns: 15 },
    );
  });

  it.each([
    ['bytes that are not compressed', Uint8Array.from([1, 2, 3])],
    ['levels for another count of components', encodePart([], { componentCount: 2, bits: 8 }).slice(0, 3)],
  ])('is refused for %s', (_, bytes) => {
    expect(() => decodePart(bytes, { componentCount: 2, bits: 8 })).toThrow(
      expect.objectContaining({ code: 'calibration.mismatch' }),
    );
  });

  it('is refused where its levels are fewer than its states', () => {
    const question = {
      id: 1,
      questionHash: 'h',
      promptTokens: 3,
      candidates: [candidate(1, 'x')],
      levels: [Int8Array.from([1]), Int8Array.from([2])],
    };
    const bytes = encodePart([question], { componentCount: 1, bits: 8 });
    expect(() => decodePart(bytes, { componentCount: 2, bits: 8 })).toThrow(
      expect.objectContaining({ code: 'calibration.mismatch' }),
    );
  });
});
