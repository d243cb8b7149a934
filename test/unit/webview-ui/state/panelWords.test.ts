import { expect, test } from 'vitest';
import {
  difficultySourceWording,
  featureWords,
  shownProbabilities,
} from '../../../../webview-ui/state/panelWords.ts';

test('what a judge of difficulty read is told in words, in its order', () => {
  expect(featureWords({ languageId: 'python', lineCount: 12, points: 4 })).toBe('python, 12 lines, 4 points');
  expect(featureWords({})).toBe('');
});

test('a probe that was not shown to beat a constant says so, and its percentages are not shown', () => {
  const probabilities = [0.2, 0.2, 0.6] as const;
  const unskilled = { source: 'probe', probabilities, beatsConstant: false } as const;
  expect(difficultySourceWording(unskilled).name).toBe('probe, not shown to beat a constant');
  expect(shownProbabilities(unskilled)).toBeNull();
  const skilled = { ...unskilled, beatsConstant: true };
  expect(difficultySourceWording(skilled).name).toBe('probe');
  expect(shownProbabilities(skilled)).toBe(probabilities);
  // Traces of earlier versions do not have the member.
  expect(shownProbabilities({ source: 'probe', probabilities })).toBe(probabilities);
});
