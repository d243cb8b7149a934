import { describe, expect, test } from 'vitest';
import {
  accuracyOf,
  balancedAccuracyOf,
  calibrationError,
  confusionOf,
  type Judged,
  majorityClass,
  reliabilityOf,
  shareInterval,
} from '../../../../lab/calibrate/evaluation.ts';
import { fitEntropyRule, judgeByEntropy } from '../../../../lab/calibrate/fittedEntropyRule.ts';
import type { DifficultyClass } from '../../../../protocol/traceEvent.ts';
import { seededOrder } from '../../../../sidecar/numeric/seededOrder.ts';

function judged(actual: DifficultyClass, predicted: DifficultyClass, confidence = 0.5): Judged {
  const rest = (1 - confidence) / 2;
  return { actual, predicted, probabilities: [confidence, rest, rest] };
}

describe('a confusion matrix', () => {
  const matrix = confusionOf([
    judged('easy', 'easy'),
    judged('easy', 'hard'),
    judged('normal', 'normal'),
    judged('normal', 'normal'),
    judged('hard', 'normal'),
  ]);

  test('has a row for each class that is, and a column for each that was said', () => {
    expect(matrix).toEqual([
      [1, 0, 1],
      [0, 2, 0],
      [0, 1, 0],
    ]);
    expect(accuracyOf(matrix)).toBe(3 / 5);
    // Half of the easy ones, all normal ones, no hard one.
    expect(balancedAccuracyOf(matrix)).toBeCloseTo(0.5);
  });

  test('of nothing has no accuracy', () => {
    expect(accuracyOf(confusionOf([]))).toBe(0);
    expect(balancedAccuracyOf(confusionOf([]))).toBe(0);
  });
});

test('confidence is held beside accuracy, bin by bin', () => {
  const bins = reliabilityOf([
    judged('easy', 'easy', 0.95),
    judged('easy', 'easy', 1),
    judged('easy', 'hard', 0.55),
    judged('hard', 'hard', 0.55),
  ]);
  expect(bins).toHaveLength(10);
  expect(bins[5]).toMatchObject({ count: 2, accuracy: 0.5 });
  expect(bins[5]?.confidence).toBeCloseTo(0.55, 12);
  expect(bins[9]).toMatchObject({ count: 2, accuracy: 1 });
  // (2/4)·|.55 − .5| + (2/4)·|.975 − 1|
  expect(calibrationError(bins)).toBeCloseTo(0.0375, 12);
  expect(calibrationError(reliabilityOf([]))).toBe(0);
});

test('an interval lies around its share, and narrows with more questions', () => {
  // Wilson's interval of 8 in 10, as tabled.
  const { low, high } = shareInterval(0.8, 10);
  expect(low).toBeCloseTo(0.4902, 3);
  expect(high).toBeCloseTo(0.9433, 3);
  expect(shareInterval(0.8, 1000).low).toBeGreaterThan(0.77);
  expect(shareInterval(0, 0)).toEqual({ low: 0, high: 1 });
});

test('the commonest class is counted', () => {
  expect(majorityClass(['hard', 'easy', 'hard'])).toBe('hard');
  expect(majorityClass(['hard', 'easy'])).toBe('easy');
});

describe('the fitted entropy rule', () => {
  const probePrefixes = (of: Readonly<Record<DifficultyClass, readonly number[]>>) =>
    (['easy', 'normal', 'hard'] as const).flatMap((difficulty) =>
      of[difficulty].map((meanEntropyNats) => ({ meanEntropyNats, difficulty })),
    );

  test('finds thresholds, and which class lies where, whatever the order', () => {
    // Normal ones lowest, as DiffAdapt finds: the easy ones are overthought.
    const all = probePrefixes({ easy: [0.4, 0.5], normal: [0.1, 0.2], hard: [0.9, 1.1] });
    for (let seed = 0; seed < 20; seed++) {
      const rule = fitEntropyRule(seededOrder(all.length, seed, 0).flatMap((index) => all[index] ?? []));
      expect(rule.classes).toEqual(['normal', 'easy', 'hard']);
      expect(rule.lowerNats).toBeCloseTo(0.3, 12);
      expect(rule.upperNats).toBeCloseTo(0.7, 12);
      expect(judgeByEntropy(rule, 0.29)).toBe('normal');
      expect(judgeByEntropy(rule, 0.31)).toBe('easy');
      expect(judgeByEntropy(rule, 0.7)).toBe('hard');
    }
  });

  test('is right as often as any pair of thresholds could be', () => {
    // Three of hard, one of easy in their midst: no threshold can win that one.
    const all = probePrefixes({ easy: [0.5], normal: [], hard: [0.4, 0.6, 0.7] });
    const rule = fitEntropyRule(all);
    const right = all.filter((one) => judgeByEntropy(rule, one.meanEntropyNats) === one.difficulty);
    expect(right.length).toBe(4);
    const equal = probePrefixes({ easy: [0.5, 0.5], normal: [0.5], hard: [] });
    const same = fitEntropyRule(equal);
    expect(equal.map((one) => judgeByEntropy(same, one.meanEntropyNats))).toEqual(['easy', 'easy', 'easy']);
  });
});
