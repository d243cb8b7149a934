import { expect, it } from 'vitest';
import { includedBy } from '../../../../lab/bench/suiteRun.ts';

it('all parts are measured unless some are named, but those that run by name alone', () => {
  const suite = { partsByName: ['long'] };
  const included = (only: readonly string[]) => ['short', 'other', 'long'].filter(includedBy(only, suite));
  expect(included([])).toEqual(['short', 'other']);
  expect(included(['long'])).toEqual(['long']);
  expect(included(['short', 'long'])).toEqual(['short', 'long']);
  expect(['short', 'long'].filter(includedBy([], {}))).toEqual(['short', 'long']);
});
