import { expect, test } from 'vitest';
import {
  earlierAnswers,
  valueFeatureNames,
  valueFeatures,
} from '../../../../../sidecar/reasoning/value/valueFeatures.ts';

test('earlier answers are counted without the silent ones, and against the own answer', () => {
  expect(earlierAnswers(['12', null, '9', '12'], '9')).toEqual({ count: 3, leading: 2, agreeing: 1 });
  expect(earlierAnswers(['12', '12'], null)).toEqual({ count: 2, leading: 2, agreeing: 0 });
  expect(earlierAnswers([null], '7')).toEqual({ count: 0, leading: 0, agreeing: 0 });
});

test('features are those named, computed by hand', () => {
  const point = { generatedTokens: 50, entropyNats: 10 };
  const votes = { count: 3, leading: 2, agreeing: 1 };
  const atAnswer = valueFeatures({ place: 'answer', ...point }, votes);
  expect(atAnswer).toHaveLength(valueFeatureNames.length);
  expect(atAnswer).toEqual([1, Math.log(51), 0.2, 2.5 / 4, 1.5 / 4, Math.log(4)]);
  // A line end has no answer to agree with; before the first votes the shares say nothing.
  expect(valueFeatures({ place: 'lineEnd', ...point }, votes)[4]).toBe(0.5);
  expect(
    valueFeatures({ place: 'answer', generatedTokens: 0, entropyNats: 0 }, earlierAnswers([], '1')),
  ).toEqual([1, 0, 0, 0.5, 0.5, 0]);
});
