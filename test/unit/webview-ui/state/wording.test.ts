import { expect, test } from 'vitest';
import { featureWords } from '../../../../webview-ui/state/wording.ts';

test('what a judge of difficulty read is told in words, in its order', () => {
  expect(featureWords({ languageId: 'python', lineCount: 12, points: 4 })).toBe(
    'language id python, line count 12, points 4',
  );
  expect(featureWords({})).toBe('');
});
