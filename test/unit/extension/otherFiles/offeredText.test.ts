import { expect, it } from 'vitest';
import { offeredText } from '../../../../extension/otherFiles/offeredText.ts';
import { mostPartChars } from '../../../../protocol/offeredPart.ts';

/** What is offered of lines from the second to the last, and how many of them were read. */
function offered(lines: readonly string[]) {
  let readCount = 0;
  const lineAt = (line: number): string => {
    readCount += 1;
    return lines[line] ?? '';
  };
  return { ...offeredText(lineAt, { first: 1, last: lines.length - 1 }), readCount };
}

it('takes the lines whole where they fit', () => {
  expect(offered(['before', 'a', '', 'bcd'])).toEqual({
    text: 'a\n\nbcd',
    range: { start: { line: 1, character: 0 }, end: { line: 3, character: 3 } },
    readCount: 3,
  });
});

it('cuts a line that is too long, as of a minified file', () => {
  const { text, range } = offered(['', 'x'.repeat(1_000_000), 'y']);
  expect(text).toBe('x'.repeat(mostPartChars));
  expect(range.end).toEqual({ line: 1, character: mostPartChars });
});

it('reads no more lines than are sent, as of a long cell', () => {
  const lines = Array.from({ length: 5_000 }, () => 'x'.repeat(99));
  const { text, range, readCount } = offered(lines);
  expect(text).toHaveLength(mostPartChars - 1);
  expect(range.end).toEqual({ line: 20, character: 99 });
  expect(readCount).toBe(20);
});
