import { describe, expect, it } from 'vitest';
import { editBlock, isCutOff } from '../../../../sidecar/edits/editBlock.ts';

const fenced = (...blocks: string[]) => blocks.map((code) => `So:\n\`\`\`\n${code}\n\`\`\``).join('\n');
const textOf = (replaced: string, ...blocks: string[]) => editBlock(fenced(...blocks), replaced)?.text;

describe('the block that takes the place of lines', () => {
  it.each([
    [
      'a function',
      'def run(x):\n    assert x\n    return x\n',
      'def check(x):\n    assert x',
      'def run(x):\n    check(x)\n    return x',
    ],
    [
      'a method',
      '    def run(self, x):\n        assert x\n        return x\n',
      '    def check(self, x):\n        """Refuses what is empty."""\n        assert x',
      '    def run(self, x):\n        self.check(x)',
    ],
    [
      'a method, of an answer without its indentation',
      '    def run(self, x):\r\n        assert x\r\n',
      'def check(x):\n    """Refuses what is empty."""\n    assert x',
      'def run(self, x):\n    check(x)',
    ],
    [
      'a value',
      'export const limits = [1, 2];\n',
      'const most = 100;\nconst least = 2;\nconst other = 3;',
      'export const limits = [least, most];',
    ],
  ])('defines what they define: %s', (_what, replaced, helper, edited) => {
    expect(textOf(replaced, helper, edited)).toBe(edited);
    expect(textOf(replaced, edited, helper)).toBe(edited);
  });

  it.each([
    ['renamed', 'def run(x):\n    return x\n', 'def execute(x):\n    return x'],
    ['renamed, a value', 'const limit = 5;\n', 'const maxItems = 5;'],
    ['made shorter', '    def run(x):\n        y = x\n        return y\n', 'def run(x):\n    return x'],
  ])('is not the quote of what is %s', (_what, replaced, edited) => {
    const quote = replaced.trimEnd();
    expect(textOf(replaced, quote, edited)).toBe(edited);
    expect(textOf(replaced, edited, quote)).toBe(edited);
    expect(textOf(replaced, quote)).toBe(quote);
  });

  it('is the longest of several that do', () => {
    const replaced = 'def run(x):\n    return x\n';
    const [short, long] = ['def run(x):\n    return 1', 'def run(x):\n    return check(x) + 1'];
    expect(textOf(replaced, 'def check(x):\n    return x', short, long)).toBe(long);
    expect(textOf(replaced, long, short)).toBe(long);
  });

  it.each([
    ['define nothing', '    return x\n'],
    ['define what no block does', 'def other():\n    pass\n'],
    ['are none', ''],
  ])('is the longest that is not an example where they %s', (_what, replaced) => {
    const helper = 'def check(x):\n    assert x';
    expect(textOf(replaced, helper, 'check(1)\ncheck(2)\ncheck(3)\ncheck(4)')).toBe(helper);
    expect(textOf(replaced, 'return 1', helper)).toBe(helper);
  });

  it('is not an example that gives a value the name of a local one', () => {
    const replaced = '  const result = run(x);\n  return result;\n';
    expect(textOf(replaced, '  return run(x) ?? null;', 'const result = go(1);')).toBe(
      '  return run(x) ?? null;',
    );
  });

  it('is missing where all are blank', () => {
    expect(textOf('def run(x): ...\n', ' ')).toBeUndefined();
    expect(editBlock('None.', 'def run(x): ...\n')).toBeNull();
  });
});

it.each([
  [fenced('a'), false],
  [`${fenced('a')}\n\`\`\`\nb`, true],
  ['Final answer: ```\na\n```', false],
  ['Final answer: ```\na', true],
])('%j is cut off: %s', (answer, expected) => {
  expect(isCutOff(answer)).toBe(expected);
});
