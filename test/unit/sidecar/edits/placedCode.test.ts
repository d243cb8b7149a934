import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  linesWithEnds,
  replaceRange,
  splitAtRange,
  withLineEnds,
} from '../../../../sidecar/edits/lineRange.ts';
import { continuedCode, placedCode } from '../../../../sidecar/edits/placedCode.ts';
import { positionAt, rangeEdits, withEdits } from '../../../../sidecar/edits/rangeEdits.ts';

const blanks = { tabSize: 4, insertSpaces: true };
const tabs = { tabSize: 4, insertSpaces: false };

const python = 'def a():\n    if x:\n        b()\n    return c\n';

describe('code in the place of lines', () => {
  it.each([
    ['keeps what it has', '    if y:\n        b()', { first: 2, last: 3 }, '    if y:\n        b()\n'],
    [
      'is indented where it left that out',
      'if y:\n    b()',
      { first: 2, last: 3 },
      '    if y:\n        b()\n',
    ],
    [
      'is indented in its first line alone',
      'if y:\n        b()',
      { first: 2, last: 3 },
      '    if y:\n        b()\n',
    ],
    ['may leave a block', '    b()', { first: 3, last: 3 }, '    b()\n'],
    ['may enter one', '        return c', { first: 4, last: 4 }, '        return c\n'],
    ['takes lines away where it is empty', '', { first: 3, last: 3 }, ''],
    ['ends no more often than the lines did', '    d()\n\n\n', { first: 4, last: 4 }, '    d()\n'],
    ['has an end where it is new', '    d()', { first: 5, last: 4 }, '    d()\n'],
  ])('%s', (_what, code, range, expected) => {
    expect(placedCode(code, { text: python, formatting: blanks }, range)).toBe(expected);
  });

  it.each([
    ['tabs for blanks', 'a {\n\tb {\n\t\tc\n', '        d {\n            e', '\t\td {\n\t\t\te\n'],
    ['tabs for blanks by two', 'a {\n\tb {\n\t\tc\n', '  d {\n    e {\n      f', '\td {\n\t\te {\n\t\t\tf\n'],
    ['blanks for tabs', 'a {\n  b {\n    c\n', '\t\td {\n\t\t\te', '    d {\n      e\n'],
    ['a line as the file has it', 'a {\n\tb {\n    c\n', '    c\n\tb {', '    c\n\tb {\n'],
    ['the star of a comment', 'a {\n\t\tc\n\t/*\n', '    /*\n     * x\n', '\t/*\n\t * x\n'],
  ])('has %s', (_what, text, code, expected) => {
    expect(placedCode(code, { text, formatting: blanks }, { first: 3, last: 3 })).toBe(expected);
  });

  it.each([
    ['the head of its function', 'def a():\n    if y:\n        b()', 2, 3, '    if y:\n        b()\n'],
    ['what follows', '    if y:\n        b()\n\ndef z():\n    pass\n', 2, 4, '    if y:\n        b()\n'],
    ['both', 'def a():\n\n    d()\n\n\ndef z():', 2, 4, '    d()\n'],
    [
      'nothing that could be meant for it',
      'if x:\n    b()\n    return c',
      3,
      3,
      '        if x:\n            b()\n            return c\n',
    ],
    ['a line of its own that follows', '    d()\n    return c', 2, 3, '    d()\n    return c\n'],
    ['lines before it', `${python}\ndef z():\n    return 1\n`, 6, 7, 'def z():\n    return 1\n'],
    [
      'other functions in another form',
      'def a():\n    d()\n\n# Ends.\n@cached\ndef z(x):\n    return x',
      1,
      4,
      'def a():\n    d()\n',
    ],
    [
      'none of them, where it adds one',
      'def a():\n    d()\n\n\ndef new():\n    pass',
      1,
      4,
      'def a():\n    d()\n\n\ndef new():\n    pass\n',
    ],
    [
      'another first',
      'def z():\n    return 1\n\ndef a():\n    d()',
      1,
      4,
      'def z():\n    return 1\n\ndef a():\n    d()\n',
    ],
    ['nothing but that', 'def a():\n', 2, 4, '    def a():\n'],
  ])('leaves out where the answer repeats %s', (_what, code, first, last, expected) => {
    const text = `${python}\ndef z():\n    pass\n`;
    expect(placedCode(code, { text, formatting: blanks }, { first, last })).toBe(expected);
  });

  const row = '    [0, 0],\n';
  const rows = `x = [\n${row.repeat(7)}]\n`;
  const one = 'f(1)\ng(2)\nh(3)\n';

  it.each([
    ['rows', rows, `${row.repeat(3)}    [1, 1],`, { first: 5, last: 8 }, `${row.repeat(3)}    [1, 1],\n`],
    [
      'first rows',
      rows,
      `    [1, 1],\n${row.repeat(3)}`,
      { first: 2, last: 5 },
      `    [1, 1],\n${row.repeat(3)}`,
    ],
    ['a block', one.repeat(2), `${one}i(4)`, { first: 4, last: 6 }, `${one}i(4)\n`],
    ['a block once', one.repeat(2), `${one.repeat(2)}i(4)`, { first: 4, last: 6 }, `${one}i(4)\n`],
  ])('keeps %s that the range has, too', (_what, text, code, range, expected) => {
    expect(placedCode(code, { text, formatting: blanks }, range)).toBe(expected);
  });

  it('goes by the editor where nothing is indented', () => {
    const range = { first: 1, last: 1 };
    expect(placedCode('a:\n    b', { text: 'a\n', formatting: tabs }, range)).toBe('a:\n\tb\n');
    expect(placedCode('a:\n\tb', { text: 'a\n', formatting: blanks }, range)).toBe('a:\n    b\n');
  });

  it('has the line ends of the file, or of the editor', () => {
    const range = { first: 1, last: 1 };
    expect(placedCode('a\nb', { text: 'x\r\ny\r\n', formatting: blanks }, range)).toBe('a\r\nb\r\n');
    const empty = { text: '', formatting: blanks, lineEnd: '\r\n' } as const;
    expect(placedCode('a\nb', empty, { first: 1, last: 0 })).toBe('a\r\nb\r\n');
  });

  it('adds no end to a file that has none', () => {
    expect(placedCode('b', { text: 'x\ny', formatting: blanks }, { first: 2, last: 2 })).toBe('b');
    expect(placedCode('b', { text: 'x\ny', formatting: blanks }, { first: 3, last: 2 })).toBe('\nb');
  });
});

const line = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\t', '`', '*', '😀'), maxLength: 8 });
const files = fc.record({
  lines: fc.array(line, { minLength: 1, maxLength: 12 }),
  lineEnd: fc.constantFrom<'\n' | '\r\n'>('\n', '\r\n'),
  hasLastEnd: fc.boolean(),
  from: fc.nat({ max: 11 }),
  count: fc.nat({ max: 5 }),
  code: fc.array(line, { maxLength: 8 }),
  formatting: fc.constantFrom(blanks, tabs),
});

describe('edits of any file and answer', () => {
  it('change nothing outside of the range, keep line ends, and are as small as can be', () => {
    fc.assert(
      fc.property(files, ({ lines, lineEnd, hasLastEnd, from, count, code, formatting }) => {
        const text = lines.join(lineEnd) + (hasLastEnd ? lineEnd : '');
        const length = linesWithEnds(text).length;
        const first = Math.min(from, length) + 1;
        const range = { first, last: Math.min(length, first - 1 + count) };
        const placed = placedCode(code.join('\n'), { text, formatting, lineEnd }, range);
        const edits = rangeEdits(text, range, placed);
        const edited = withEdits(text, edits);
        expect(edited).toBe(replaceRange(text, range, placed));

        const { before, inside, after } = splitAtRange(text, range);
        expect(edited.startsWith(before) && edited.endsWith(after)).toBe(true);
        const start = positionAt(text, before.length);
        const end = positionAt(text, before.length + inside.length);
        for (const { range: place } of edits) {
          expect(place.start.line).toBeGreaterThanOrEqual(start.line);
          expect(place.end.line).toBeLessThanOrEqual(end.line);
        }
        // Line ends of a file that has any are the only ones that it has afterwards.
        expect(withLineEnds(edited, '\n')).not.toContain('\r');
        if (lineEnd === '\r\n') expect(edited.replaceAll('\r\n', '')).not.toContain('\n');
        if (inside !== '' && placed !== '') expect(placed.endsWith('\n')).toBe(inside.endsWith('\n'));
      }),
      { numRuns: 400 },
    );
  });

  it('keep a line end that differs in a line that does not', () => {
    const text = 'a\r\nb\nc\r\n';
    const placed = placedCode('a\nb\nd', { text, formatting: blanks }, { first: 1, last: 3 });
    expect(withEdits(text, rangeEdits(text, { first: 1, last: 3 }, placed))).toBe('a\r\nb\nd\r\n');
  });

  it('are hunks of the lines that change', () => {
    const text = 'a\nb\nc\nd\ne\n';
    expect(rangeEdits(text, { first: 2, last: 5 }, 'b\nx\nd\ne\nf\n')).toEqual([
      { range: { start: { line: 2, character: 0 }, end: { line: 3, character: 0 } }, newText: 'x\n' },
      { range: { start: { line: 5, character: 0 }, end: { line: 5, character: 0 } }, newText: 'f\n' },
    ]);
  });
});

describe('code that goes on at a cursor', () => {
  const at = (text: string, code: string) => {
    const offset = text.indexOf('|');
    const whole = text.replace('|', '');
    const written = continuedCode(code, { text: whole, formatting: blanks }, { offset });
    return whole.slice(0, offset) + written + whole.slice(offset);
  };

  it.each([
    ['a line', 'def a():\n    |\n', '    return 1', 'def a():\n    return 1\n'],
    ['a line without its indentation', 'def a():\n    |\n', 'return 1', 'def a():\n    return 1\n'],
    ['a line that is written again', 'def a():\n    return |\n', '    return 1', 'def a():\n    return 1\n'],
    ['one that is not', 'def a():\n    return |\n', '1 + 2', 'def a():\n    return 1 + 2\n'],
    [
      'all of its function',
      'def a():\n    x = 1\n    |\n',
      'def a():\n    x = 1\n    return x',
      'def a():\n    x = 1\n    return x\n',
    ],
    [
      'the line that it goes on with',
      'def a():\n    if |\n',
      'def a():\n    if x:\n        b()',
      'def a():\n    if x:\n        b()\n',
    ],
    [
      'lines without their indentation',
      'def a():\n    |\n',
      'if x:\n    b()\nc()',
      'def a():\n    if x:\n        b()\n    c()\n',
    ],
    ['a first line without it', 'def a():\n    |\n', 'b()\n    c()', 'def a():\n    b()\n    c()\n'],
    ['a bracket that is there', 'a {\n  |\n}\n', 'b\n}', 'a {\n  b\n}\n'],
    [
      'what follows',
      'def a():\n    |\n\n\ndef z():\n    pass\n',
      'b()\n\n\ndef z():\n    pass',
      'def a():\n    b()\n\n\ndef z():\n    pass\n',
    ],
    ['nothing new', 'def a():\n    b()\n|', 'def a():\n    b()', 'def a():\n    b()\n'],
    ['lines before another', 'a\n|b\n', 'x\ny', 'a\nx\ny\nb\n'],
    ['an empty line', 'a\n|\nb\n', 'x\ny', 'a\nx\ny\nb\n'],
    ['the end', 'a\n|', 'x\ny\n\n', 'a\nx\ny'],
    ['the line ends of Windows', 'a\r\n|\r\nb\r\n', 'x\ny', 'a\r\nx\r\ny\r\nb\r\n'],
    ['nothing', 'a|\n', '', 'a\n'],
  ])('goes on with %s', (_what, text, code, expected) => {
    expect(at(text, code)).toBe(expected);
  });
});
