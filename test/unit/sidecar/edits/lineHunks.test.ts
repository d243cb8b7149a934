import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LineHunk } from '../../../../protocol/hunksOfParts.ts';
import { lineHunks } from '../../../../sidecar/edits/lineHunks.ts';

const lists = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });

function applied(old: readonly string[], changed: readonly string[], hunks: readonly LineHunk[]): string[] {
  const lines: string[] = [];
  let at = 0;
  for (const { start, count, newStart, newCount } of hunks) {
    lines.push(...old.slice(at, start), ...changed.slice(newStart, newStart + newCount));
    at = start + count;
  }
  return [...lines, ...old.slice(at)];
}

/** Length of a longest common subsequence, by the table that everybody knows. */
function commonLength(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const left of a) {
    const next = [0];
    for (const [index, right] of b.entries())
      next.push(left === right ? (row[index] ?? 0) + 1 : Math.max(row[index + 1] ?? 0, next[index] ?? 0));
    row = next;
  }
  return row.at(-1) ?? 0;
}

describe('hunks of lines', () => {
  it('make one list of the other with the fewest changes, apart from each other', () => {
    fc.assert(
      fc.property(lists, lists, (old, changed) => {
        const hunks = lineHunks(old, changed);
        expect(applied(old, changed, hunks)).toEqual(changed);
        const differences = hunks.reduce((sum, { count, newCount }) => sum + count + newCount, 0);
        expect(differences).toBe(old.length + changed.length - 2 * commonLength(old, changed));
        for (const [index, { start, count, newCount }] of hunks.entries()) {
          expect(count + newCount).toBeGreaterThan(0);
          const before = hunks[index - 1];
          if (before !== undefined) expect(start).toBeGreaterThan(before.start + before.count);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('are one where too many lines differ to look for the fewest', () => {
    const lines = (name: string) => Array.from({ length: 800 }, (_, index) => `${name} ${index}`);
    const [old, changed] = [lines('old'), lines('new')];
    expect(lineHunks(['x', ...old, 'same', ...old, 'y'], ['x', ...changed, 'same', ...changed, 'y'])).toEqual(
      [{ start: 0, count: 1603, newStart: 0, newCount: 1603 }],
    );
  });
});
