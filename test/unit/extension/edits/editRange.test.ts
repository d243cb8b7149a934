import { describe, expect, it } from 'vitest';
import {
  isTouching,
  largestEditLines,
  lineCountOf,
  linesAtCursor,
  rangeOfLines,
  selectedLines,
} from '../../../../extension/edits/editRange.ts';

const at = (line: number, character = 0) => ({ line, character });

describe('the lines of a selection', () => {
  it.each([
    ['inside a line', at(2, 3), at(2, 5), { first: 2, last: 2 }],
    ['over lines', at(2, 3), at(4, 1), { first: 2, last: 4 }],
    ['up to the start of a line', at(2), at(4), { first: 2, last: 3 }],
    ['nothing', at(2, 3), at(2, 3), { first: 2, last: 2 }],
  ])('%s', (_name, start, end, span) => {
    expect(selectedLines({ start, end })).toEqual(span);
  });

  it('counts 5,000 as too many', () => {
    expect(lineCountOf(selectedLines({ start: at(0), end: at(5_000) }))).toBeGreaterThan(largestEditLines);
  });
});

describe('the lines at a cursor', () => {
  const lines = [
    'import os',
    '',
    'class A {',
    '  x = 1',
    '',
    '  run() {',
    '    go()',
    '  }',
    '}',
    '',
    'end()',
  ];
  const symbols = [
    { kind: 'code', first: 2, last: 8 },
    { kind: 'value', first: 3, last: 3 },
    { kind: 'code', first: 5, last: 7 },
  ] as const;

  it.each([
    ['the smallest function around it', 6, { first: 5, last: 7 }],
    ['its class where it is in none of its methods', 4, { first: 2, last: 8 }],
    ['not a value of one line', 3, { first: 2, last: 8 }],
    ['its paragraph outside of both', 10, { first: 10, last: 10 }],
    ['a blank line alone', 1, { first: 1, last: 1 }],
  ])('are %s', (_name, line, span) => {
    expect(linesAtCursor(lines, line, symbols)).toEqual(span);
  });

  it('are those of a value with several lines, as one that has a function in it', () => {
    expect(linesAtCursor(lines, 6, [{ kind: 'value', first: 5, last: 7 }])).toEqual({ first: 5, last: 7 });
  });

  it('are the paragraph without an outline, and where a class is too large', () => {
    expect(linesAtCursor(lines, 6, [])).toEqual({ first: 5, last: 8 });
    const huge = { kind: 'code', first: 0, last: largestEditLines + 5 } as const;
    expect(linesAtCursor(lines, 6, [huge])).toEqual({ first: 5, last: 8 });
  });
});

describe('a range of whole lines', () => {
  it('ends before the next line', () => {
    expect(rangeOfLines({ first: 1, last: 2 }, ['a', 'b', 'c', 'd'])).toEqual({ start: at(1), end: at(3) });
  });

  it.each([
    ['without a last line end', ['a', 'bcd'], at(1, 3)],
    ['with one', ['a', 'bcd', ''], at(2)],
  ])('ends with a document %s', (_name, lines, end) => {
    expect(rangeOfLines({ first: 0, last: lines.length - 1 }, lines)).toEqual({ start: at(0), end });
  });
});

describe('ranges', () => {
  it.each([
    ['overlap', { start: at(1), end: at(3) }, true],
    ['touch', { start: at(4), end: at(9) }, true],
    ['are apart', { start: at(4, 4), end: at(9) }, false],
    ['are empty and inside', { start: at(3), end: at(3) }, true],
  ])('that %s', (_name, other, expected) => {
    const range = { start: at(2), end: at(4, 3) };
    expect(isTouching(other, range)).toBe(expected);
  });

  it('that begin the line after some lines are not theirs', () => {
    const lines = { start: at(2), end: at(4) };
    expect(isTouching({ start: at(4), end: at(4, 5) }, lines)).toBe(false);
    expect(isTouching({ start: at(3, 7), end: at(4, 5) }, lines)).toBe(true);
    expect(isTouching({ start: at(2), end: at(2) }, { start: at(2), end: at(2) })).toBe(true);
  });
});
