import { describe, expect, it } from 'vitest';
import { codeAt } from '../../../../extension/commands/codeAt.ts';

const code = 'if (a) {\n\n  b();\n}';

describe('codeAt', () => {
  it.each([
    ['at the beginning of a line', '', '', code],
    ['at an indented cursor', '    ', '', 'if (a) {\n\n      b();\n    }'],
    ['at a cursor indented by a tab', '\t', '', 'if (a) {\n\n\t  b();\n\t}'],
    ['in the middle of a line', 'return ', '', code],
    ['over whole lines', '', '  x();\n', '  if (a) {\n\n    b();\n  }\n'],
    ['over whole lines that end with CRLF', '', 'x();\r\n', `${code}\n`],
    ['over the text of an indented line', '  ', 'x();', 'if (a) {\n\n    b();\n  }'],
  ])('indents code %s', (_name, lineBefore, replaced, placed) => {
    expect(codeAt(code, { lineBefore, replaced })).toBe(placed);
  });

  it('takes off what all lines are indented by, and line ends that it came with', () => {
    const given = '    def f():\r\n        return 1\r\n\r\n';
    expect(codeAt(given, { lineBefore: '  ', replaced: '' })).toBe('def f():\n      return 1');
    expect(codeAt('\ta\n  b', { lineBefore: '', replaced: '' })).toBe('\ta\n  b');
  });
});
