import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineGaps } from '../../../../lab/prune/lineGaps.ts';

const program = [
  'def area(width, height):',
  '    # both in metres',
  '    return width * height',
  '',
  'x',
  '',
].join('\n');

describe('gaps of one line', () => {
  it('begin at the first letter of each line that says something', () => {
    expect(lineGaps([program], 10)).toEqual([
      { prefix: '', line: 'def area(width, height):', suffix: program.slice(24) },
      {
        prefix: 'def area(width, height):\n    ',
        line: '# both in metres',
        suffix: '\n    return width * height\n\nx\n',
      },
      {
        prefix: 'def area(width, height):\n    # both in metres\n    ',
        line: 'return width * height',
        suffix: '\n\nx\n',
      },
    ]);
  });

  it('are spread over all documents when fewer are wanted', () => {
    const documents = ['a', 'b', 'c', 'd'].map((name) => `${name} stands in this line\n`.repeat(10));
    expect(lineGaps(documents, 4).map(({ line }) => line[0])).toEqual(['a', 'b', 'c', 'd']);
  });

  it('make up the document again, whatever it is', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.nat(20), (lines, count) => {
        const text = lines.join('\n');
        const gaps = lineGaps([text], count);
        expect(gaps.length).toBeLessThanOrEqual(count);
        for (const { prefix, line, suffix } of gaps) expect(prefix + line + suffix).toBe(text);
      }),
    );
  });
});
