import { describe, expect, it } from 'vitest';
import { fencedCode } from '../../../protocol/fencedCode.ts';

/** Code whose docstring has a fenced example, as far right as the body. */
const docstring = (lead: string): string =>
  ['def f():', '"""Runs.', '', '```python', 'f()', '```', '"""', 'return 1']
    .map((line, index) => (index === 0 || line === '' ? line : lead + line))
    .join('\n');

const blocksOf = (text: string): readonly string[] => fencedCode(text).blocks.map((block) => block.text);

describe('a fenced block', () => {
  it.each([
    ['four blanks', docstring('    ')],
    ['a tab', docstring('\t')],
    ['a blank and a tab', docstring(' \t')],
  ])('is not closed by a fence that is indented by %s', (_what, code) => {
    for (const [open, close] of [
      ['```', '```'],
      ['~~~~python', '~~~~'],
    ])
      expect(fencedCode(`So:\n${open}\n${code}\n${close}\nDone.`)).toMatchObject({
        blocks: [{ text: code }],
        open: null,
      });
  });

  it.each(['', ' ', '  ', '   '])('is closed by a fence after %j', (lead) => {
    expect(blocksOf(`\`\`\`\nf()\n${lead}\`\`\`\nDone.`)).toEqual(['f()']);
  });

  it.each([
    ['   ', '   '],
    ['   ', '      '],
    ['   ', ''],
    ['    ', '    '],
    ['      ', '    '],
    ['\t', '\t'],
    ['\t', '    '],
    ['    ', '\t'],
  ])('in an item of a list, after %j, is closed by a fence after %j', (opening, closing) => {
    const text = `1. Run\n\n${opening}\`\`\`sh\n${opening}run\n${closing}\`\`\`\n2. Stop`;
    expect(fencedCode(text)).toMatchObject({
      blocks: [{ text: `${opening}run`, language: 'sh' }],
      open: null,
    });
  });

  it('in an item of a list is not closed by a fence of the code', () => {
    const code = docstring('    ').replaceAll(/^(?=.)/gm, '   ');
    expect(blocksOf(`1. So:\n\n   \`\`\`\n${code}\n   \`\`\`\n2. Stop`)).toEqual([code]);
  });

  it('stays open where only a fence within the code would close it', () => {
    const { blocks, open } = fencedCode('```\nf()\n    ```\nDone.');
    expect(blocks).toEqual([]);
    expect(open?.lines).toEqual(['f()', '    ```', 'Done.']);
  });
});
