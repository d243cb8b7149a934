import { describe, expect, test } from 'vitest';
import { compareQuality, meanLossNats, type PredictedText } from '../../../../lab/prune/predictTexts.ts';
import type { ServedKind } from '../../../../sidecar/layerSkip/textQuality.ts';

function predicted(
  kind: ServedKind,
  answerFrom: number,
  lossNats: readonly number[],
  likeliest: readonly number[],
): PredictedText {
  return {
    text: { kind, answerFrom, tokens: [0, ...lossNats.map((_, i) => i)] },
    predictions: { lossNats: Float64Array.from(lossNats), likeliest: Int32Array.from(likeliest) },
  };
}

describe('quality of a smaller model', () => {
  test('counts what the model itself would write, not its prompt', () => {
    expect(meanLossNats([predicted('chat', 3, [100, 100, 1, 3], [0, 0, 0, 0])])).toBe(2);
  });

  test('lets each kind of text count alike, however long', () => {
    const texts = [
      predicted('document', 1, [1, 1, 1, 1], [0, 0, 0, 0]),
      predicted('infill', 2, [9, 5], [0, 0]),
    ];
    expect(meanLossNats(texts)).toBe(3);
  });

  test('is the ratio of perplexities and the share of equal choices, by kind and over all', () => {
    const whole = [
      predicted('document', 1, [1, 1], [4, 5]),
      predicted('chat', 2, [9, 1, 1, 1], [9, 1, 2, 3]),
    ];
    const smaller = [
      predicted('document', 1, [1 + Math.log(4), 1], [4, 5]),
      predicted('chat', 2, [0, 1, 1, 1], [0, 1, 2, 7]),
    ];
    const quality = compareQuality(whole, smaller);
    expect(quality.kinds.document?.perplexityRatio).toBeCloseTo(2);
    expect(quality.kinds.document?.greedyAgreement).toBe(1);
    expect(quality.kinds.chat?.perplexityRatio).toBeCloseTo(1);
    expect(quality.kinds.chat?.greedyAgreement).toBeCloseTo(2 / 3);
    expect(quality.kinds.infill).toBeUndefined();
    expect(quality.perplexityRatio).toBeCloseTo(Math.SQRT2);
    expect(quality.greedyAgreement).toBeCloseTo(5 / 6);
    expect(quality.tokenCount).toBe(5);
  });
});
