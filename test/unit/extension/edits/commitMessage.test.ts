import { describe, expect, it } from 'vitest';
import { clippedDiff, commitMessageIn, withoutCutLine } from '../../../../extension/edits/commitMessage.ts';

describe('a commit message in an answer', () => {
  it.each([
    ['alone', 'Fix the sum of empty orders', 'Fix the sum of empty orders'],
    ['in a fence', 'Here it is:\n```\nFix the sum\n```\nGood luck!', 'Fix the sum'],
    ['in a fence that never closes', '```text\nFix the sum', 'Fix the sum'],
    ['after a heading', '**Commit message:**\n\nFix the sum', 'Fix the sum'],
    ['after words on its line', 'Commit message: Fix the sum', 'Fix the sum'],
    ['in quotes', '"Fix the sum"', 'Fix the sum'],
    ['with a body', 'Fix the sum\nIt was 1 for empty orders.', 'Fix the sum\n\nIt was 1 for empty orders.'],
    ['with a body after an empty line', 'Fix the sum\r\n\r\nIt was 1.', 'Fix the sum\n\nIt was 1.'],
  ])('%s', (_name, answer, message) => {
    expect(commitMessageIn(answer)).toBe(message);
  });

  it.each(['', '  \n', '```\n```', '""'])('is missing in %j', (answer) => {
    expect(commitMessageIn(answer)).toBeNull();
  });
});

it.each([
  ['Fix the sum\n\nIt was 1 for empty ord', 'Fix the sum'],
  ['Fix the sum\n\nIt was 1.\nThat was', 'Fix the sum\n\nIt was 1.'],
  ['Fix the sum of empty orders and', 'Fix the sum of empty orders and'],
])('a message that was cut off loses the line that it was cut in, but not its title: %j', (message, kept) => {
  expect(withoutCutLine(message)).toBe(kept);
});

describe('a diff for a model', () => {
  const fileDiff = (name: string, count: number): string =>
    `diff --git a/${name} b/${name}\n${Array.from({ length: count }, (_, line) => `+line ${line} of ${name}\n`).join('')}`;

  it('is left as it is where it is short', () => {
    expect(clippedDiff(fileDiff('a', 10))).toBe(fileDiff('a', 10));
  });

  it('has a part of every file where it is long, and says what is missing', () => {
    const clipped = clippedDiff(fileDiff('a', 5_000) + fileDiff('b', 3) + fileDiff('c', 900));
    expect(clipped.length).toBeLessThanOrEqual(6_000);
    expect(clipped).toContain(fileDiff('b', 3));
    for (const name of ['a', 'c']) expect(clipped).toContain(`+line 20 of ${name}\n`);
    expect(clipped.match(/\(\d+ more lines\)/gu)).toHaveLength(2);
  });

  it('gives what small files leave to the large one', () => {
    const small = Array.from({ length: 20 }, (_, index) => fileDiff(`s${index}`, 1)).join('');
    const clipped = clippedDiff(small + fileDiff('large', 5_000));
    expect(clipped).toContain(small);
    expect(clipped.length).toBeGreaterThan(5_900);
    expect(clipped.length).toBeLessThanOrEqual(6_000);
  });

  it('names files even where there are hundreds, and says how many are missing', () => {
    const clipped = clippedDiff(
      Array.from({ length: 500 }, (_, index) => fileDiff(`f${index}.ts`, 40)).join(''),
    );
    expect(clipped.length).toBeLessThanOrEqual(6_000);
    expect(clipped.match(/^diff --git a\/f\d+\.ts/gmu)).toHaveLength(29);
    expect(clipped).toContain('(471 more files)');
  });
});
