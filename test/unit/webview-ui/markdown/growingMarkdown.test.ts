import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GrowingMarkdown } from '../../../../webview-ui/markdown/growingMarkdown.ts';
import { parseMarkdown } from '../../../../webview-ui/markdown/parseMarkdown.ts';

const pieces = [
  '\n',
  '\n\n',
  '\r\n',
  ' ',
  '    ',
  '\t',
  '# ',
  '=',
  '---',
  '-',
  '- ',
  '1. ',
  '> ',
  '```',
  '```ts\n',
  '~~~',
  '|',
  '|--|',
  '| a | b |\n',
  '**',
  '`',
  '[x]',
  '\\[',
  '\\]',
  '\\(',
  '<b>',
  'word',
  'x ',
] as const;

describe('GrowingMarkdown', () => {
  it('gives what the whole text gives, wherever the text has come to', () => {
    const texts = fc.array(fc.constantFrom(...pieces), { maxLength: 40 });
    fc.assert(
      fc.property(texts, (added) => {
        const growing = new GrowingMarkdown();
        let text = '';
        for (const piece of added) {
          text += piece;
          expect(growing.read(text), JSON.stringify(text)).toEqual(parseMarkdown(text));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('keeps the blocks that are over, and reads only the last anew', () => {
    const growing = new GrowingMarkdown();
    const before = growing.read('# Plan\n\nFirst.\n\n```ts\nlet a = 1;\n```\n\nThen this');
    const after = growing.read('# Plan\n\nFirst.\n\n```ts\nlet a = 1;\n```\n\nThen this **now**');
    expect(after).toHaveLength(4);
    expect(after.slice(0, 3).map((block, index) => block === before[index])).toEqual([true, true, true]);
    expect(after[3]).not.toBe(before[3]);
  });

  it('reads a text that is not the one before from its beginning', () => {
    const growing = new GrowingMarkdown();
    growing.read('# Plan\n\nFirst\nline');
    expect(growing.read('Other')).toEqual(parseMarkdown('Other'));
  });

  it('draws code that nothing closes yet as code', () => {
    const [block] = new GrowingMarkdown().read('```python\nprint(1)\n');
    expect(block).toMatchObject({ type: 'code', info: 'python', isClosed: false });
  });
});
