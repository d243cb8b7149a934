import { expect, it } from 'vitest';
import {
  copiedSpan,
  declaredLines,
  linesAround,
  partLines,
  visibleSpan,
} from '../../../../extension/otherFiles/linesAround.ts';

it.each([
  [0, 100, { first: 0, last: 29 }],
  [50, 100, { first: 35, last: 64 }],
  [99, 100, { first: 70, last: 99 }],
  [3, 5, { first: 0, last: 4 }],
  [0, 1, { first: 0, last: 0 }],
])('takes a part around line %d of %d', (line, count, span) => {
  expect(linesAround(line, count)).toEqual(span);
});

it('takes what is seen, or a part of it around the cursor', () => {
  expect(visibleSpan({ first: 10, last: 20 }, 12, 100)).toEqual({ first: 10, last: 20 });
  expect(visibleSpan({ first: 100, last: 160 }, 130, 500)).toEqual({ first: 115, last: 144 });
  // The cursor is out of sight.
  const { first, last } = visibleSpan({ first: 100, last: 160 }, 3, 500);
  expect([first, last - first + 1]).toEqual([100, partLines]);
});

it.each([
  [
    { first: 100, last: 100 },
    { first: 85, last: 114 },
  ],
  [
    { first: 100, last: 101 },
    { first: 86, last: 115 },
  ],
  [
    { first: 100, last: 129 },
    { first: 100, last: 129 },
  ],
  [
    { first: 100, last: 400 },
    { first: 100, last: 129 },
  ],
  [
    { first: 0, last: 500 },
    { first: 0, last: 29 },
  ],
])('takes a part that has what was copied: %j', (copied, span) => {
  expect(copiedSpan(copied, 501)).toEqual(span);
});

it.each([
  [{ first: 4, last: 9 }, 100, { first: 4, last: 9 }],
  [{ first: 4, last: 9 }, 8, { first: 4, last: 7 }],
  // Only the line of its name is known.
  [{ first: 4, last: 4 }, 100, { first: 4, last: 33 }],
  [{ first: 4, last: 4 }, 10, { first: 4, last: 9 }],
  [{ first: 10, last: 12 }, 10, null],
])('takes the lines of a declaration: %j of %d', (span, count, lines) => {
  expect(declaredLines(span, count)).toEqual(lines);
});
