import { expect, test } from 'vitest';
import { featureWords } from '../../../../webview-ui/state/panelWords.ts';

test('what a judge of difficulty read is told in words, in its order', () => {
  expect(featureWords({ languageId: 'python', lineCount: 12, points: 4 })).toBe('python, 12 lines, 4 points');
  expect(featureWords({})).toBe('');
});
