import { describe, expect, it } from 'vitest';
import { blockSpans, unitOf } from '../../../../../lab/bench/infill/blockSpans.ts';
import { keepsStyle } from '../../../../../lab/bench/infill/indentationPart.ts';
import { shippedShapes } from '../../../../support/machine/shippedGrammars.ts';

const text = 'let a;\nfunction b() {\n  if (c) {\n    d(e,\n      f);\n  }\n}\n';
const span = { id: 'a.ts:0', languageId: 'typescript', before: '', middle: 'let a;', after: text.slice(6) };
const read = await shippedShapes.of('typescript');

it('knows the unit of a file', () => {
  expect(unitOf(text)).toBe('  ');
  expect(unitOf(text.replaceAll('  ', '\t'))).toBe('\t');
  expect(unitOf('a\nb\n')).toBeNull();
});

it('cuts the first lines of blocks, half of them out of files that are written otherwise', () => {
  const spans = blockSpans(Array.from({ length: 8 }, () => span));
  const wholes = spans.map(({ before, middle, after }) => before + middle + after);
  expect(spans.map(({ before }) => before.replaceAll('\r', ''))).toEqual(
    spans.map(() => 'let a;\nfunction b() {'),
  );
  expect(wholes.slice(0, 4)).toEqual([text, text, text, text]);
  const withTabs = text.replaceAll('  ', '\t');
  const withFour = text.replaceAll('  ', '    ');
  const windows = (lines: string): string => lines.replaceAll('\n', '\r\n');
  expect(wholes.slice(4)).toEqual([withTabs, windows(withTabs), windows(text), withFour]);
  expect(spans.map(({ style }) => style.unit)).toEqual(['  ', '  ', '  ', '  ', '\t', '\t', '  ', '    ']);
});

describe('a text that keeps the indentation of a file', () => {
  const style = { unit: '    ', lineEnd: '\n' } as const;
  const file = { before: 'function a() {\n    b();\n}\nfunction c() {', after: '}\n', style };

  it.each([
    ['whole units', '\n    d();\n        e();\n'],
    ['arguments under a bracket', '\n    d(e,\n      f);\n'],
    ['a string of several lines', '\n    d(`\n  e`);\n'],
    ['a comment with stars', '\n    /**\n     * e\n     */\n'],
    ['blank lines', '\n    d();\n  \n    e();\n'],
  ])('has %s', (_what, written) => {
    expect(keepsStyle(file, written, read)).toBe(true);
  });

  it.each([
    ['half a unit', '\n  d();\n'],
    ['a tab', '\n\td();\n'],
    ['a line end of Windows', '\r\n    d();\r\n'],
  ])('has not %s', (_what, written) => {
    expect(keepsStyle(file, written, read)).toBe(false);
  });

  it('ends its lines as the file does', () => {
    const ofWindows = { ...file, style: { ...style, lineEnd: '\r\n' } } as const;
    expect(keepsStyle(ofWindows, '\r\n    d();\r\n', read)).toBe(true);
    expect(keepsStyle(ofWindows, '\r\n    d();\n', read)).toBe(false);
  });
});
