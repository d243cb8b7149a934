import fc from 'fast-check';
import { expect, it } from 'vitest';
import { mostPartChars } from '../../../../protocol/offeredPart.ts';
import { codeChunks } from '../../../../sidecar/otherFiles/codeChunks.ts';

const body = (name: string) => [
  `function ${name}() {`,
  ...Array.from({ length: 6 }, (_, index) => `  step${index}();`),
  '}',
];

it('ends a part where a line without indentation follows a blank one', () => {
  const chunks = codeChunks([...body('first'), '', ...body('second'), ''].join('\n'));
  expect(chunks.map(({ text }) => text)).toEqual([body('first').join('\n'), body('second').join('\n')]);
  expect(chunks[1]?.range).toEqual({ start: { line: 9, character: 0 }, end: { line: 16, character: 1 } });
});

it('keeps a blank line inside of a function in one part', () => {
  const text = ['function f() {', '  a();', '', '  b();', '  c();', '  d();', '', '  e();', '}'].join('\n');
  expect(codeChunks(text)).toHaveLength(1);
});

it('takes any text apart into parts that are in it, with nothing twice and no blank part', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('', 'a', '  b', '}', 'x'.repeat(300)), { maxLength: 120 }),
      (lines) => {
        const chunks = codeChunks(lines.join('\n'));
        let end = -1;
        for (const { text, range } of chunks) {
          expect(text.trim()).not.toBe('');
          expect(text.length).toBeLessThanOrEqual(mostPartChars);
          expect(range.start.line).toBeGreaterThan(end);
          end = range.end.line;
          expect(
            lines
              .slice(range.start.line, end + 1)
              .join('\n')
              .startsWith(text),
          ).toBe(true);
        }
        const inParts = chunks.reduce((sum, { range }) => sum + range.end.line - range.start.line + 1, 0);
        expect(inParts).toBeGreaterThanOrEqual(lines.filter((line) => line.trim() !== '').length);
      },
    ),
  );
});
