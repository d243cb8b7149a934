import { describe, expect, it } from 'vitest';
import { codeAt } from '../../../../extension/commands/codeAt.ts';

const code = 'if (a) {\n\n  b();\n}';
/** Nothing in it is indented, so the editor decides. */
const bare = { text: 'a\n', formatting: { tabSize: 4, insertSpaces: true } };
const tabbed = { ...bare, text: 'f() {\r\n\tx();\r\n}\r\n' };

describe('codeAt', () => {
  it.each([
    ['at the beginning of a line', '', '', code],
    ['at an indented cursor', '    ', '', 'if (a) {\n\n      b();\n    }'],
    ['in the middle of a line', 'return ', '', code],
    ['over whole lines', '', '  x();\n', '  if (a) {\n\n    b();\n  }\n'],
    ['over whole lines that end with CRLF', '', 'x();\r\n', `${code}\n`],
    ['over the text of an indented line', '  ', 'x();', 'if (a) {\n\n    b();\n  }'],
  ])('indents code %s', (_name, lineBefore, replaced, placed) => {
    expect(codeAt(code, { file: bare, lineBefore, replaced })).toBe(placed);
  });

  it.each([
    ['over whole lines', '', '\tx();\r\n', '\tif (a) {\n\n\t\tb();\n\t}\n'],
    ['at an indented cursor', '\t', '', 'if (a) {\n\n\t\tb();\n\t}'],
    ['in the middle of a line', 'return ', '', 'if (a) {\n\n\tb();\n}'],
  ])('indents code with the tabs of its file %s', (_name, lineBefore, replaced, placed) => {
    expect(codeAt(code, { file: tabbed, lineBefore, replaced })).toBe(placed);
    const wide = code.replace('  b', '    b');
    expect(codeAt(wide, { file: tabbed, lineBefore, replaced })).toBe(placed);
  });

  it('indents code with the blanks of its file', () => {
    const file = { ...bare, text: 'f() {\n  x();\n}\n' };
    const given = 'if (a) {\n\tb();\n}';
    const placed = '  if (a) {\n    b();\n  }\n';
    expect(codeAt(given, { file, lineBefore: '', replaced: '  x();\n' })).toBe(placed);
  });

  it('takes off what all lines are indented by, and line ends that it came with', () => {
    const given = '    def f():\r\n        return 1\r\n\r\n';
    expect(codeAt(given, { file: bare, lineBefore: '  ', replaced: '' })).toBe('def f():\n      return 1');
    expect(codeAt('    a\n  b', { file: bare, lineBefore: '', replaced: '' })).toBe('  a\nb');
  });
});
