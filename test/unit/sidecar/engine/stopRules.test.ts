import { describe, expect, it } from 'vitest';
import { endsSentence, StopRules, type StopSettings } from '../../../../sidecar/engine/stopRules.ts';

const open: StopSettings = { maxTokens: 100, softLimit: null, stopTexts: [] };

function endOf(settings: Partial<StopSettings>, texts: readonly string[]): readonly [number, string] | null {
  const rules = new StopRules({ ...open, ...settings });
  for (const [i, text] of texts.entries()) {
    const end = rules.observe(text);
    if (end !== null) return [i, end.type];
  }
  return null;
}

describe('StopRules', () => {
  it('ends behind the last token allowed', () => {
    expect(endOf({ maxTokens: 2 }, ['a', 'b', 'c'])).toEqual([1, 'maxTokens']);
  });

  it('finds a stop text across tokens and however far into the text', () => {
    const filler = Array.from({ length: 50 }, () => 'some words ');
    expect(endOf({ stopTexts: ['</think>'] }, [...filler, 'x </th', 'ink', '> y'])).toEqual([52, 'stopText']);
  });

  it('says which text it was', () => {
    const rules = new StopRules({ ...open, stopTexts: ['no', 'END'] });
    expect(rules.observe('the END')).toEqual({ type: 'stopText', text: 'END' });
  });

  it('does not take an empty stop text as found', () => {
    expect(endOf({ stopTexts: [''] }, ['a'])).toBeNull();
  });

  it('prefers the stop text to a limit reached at the same token', () => {
    expect(endOf({ maxTokens: 1, stopTexts: ['a'] }, ['a'])).toEqual([0, 'stopText']);
  });

  it('waits for a sentence end once the soft limit is reached', () => {
    const softLimit = { tokens: 2, graceTokens: 10 };
    expect(endOf({ softLimit }, ['One.', ' Two', ' words', ' here.', ' More'])).toEqual([3, 'softLimit']);
  });

  it('ends after the grace when no sentence does', () => {
    const softLimit = { tokens: 2, graceTokens: 3 };
    expect(endOf({ softLimit }, ['a', ' b', ' c', ' d', ' e', ' f'])).toEqual([4, 'softLimit']);
  });
});

describe('endsSentence', () => {
  it.each([
    'Done.',
    'Really?',
    'He said "yes."',
    'line\n',
    'line\n  ',
    '是的。',
    'Total: 5.\n',
    'It is 5. ',
    '**Done.**',
  ])('sees an end in %j', (text) => {
    expect(endsSentence(text)).toBe(true);
  });
  it.each(['', 'Done', 'It is 3.', 'a, b,', 'x = 1', 'wait:'])('sees none in %j', (text) => {
    expect(endsSentence(text)).toBe(false);
  });
});
