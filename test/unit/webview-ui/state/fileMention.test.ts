import { describe, expect, it } from 'vitest';
import { completeMention, fileMention } from '../../../../webview-ui/state/fileMention.ts';

describe('fileMention', () => {
  it.each([
    ['Why #sr', 'sr'],
    ['#a/b.ts', 'a/b.ts'],
    ['Why #', null],
    ['C#sharp', null],
    ['#sr and', null],
  ])('finds in %j what is typed of a file', (text, query) => {
    expect(fileMention(text, text.length)?.query ?? null).toBe(query);
  });

  it('goes by the cursor, and leaves what follows it', () => {
    const text = 'Why #sr fails?';
    const mention = fileMention(text, 7);
    expect(mention).toEqual({ query: 'sr', from: 4, to: 7 });
    if (mention === null) return;
    expect(completeMention(text, mention, 'src/a.ts')).toEqual({ text: 'Why #src/a.ts fails?', cursor: 14 });
  });
});
