import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withChanges } from '../../../../extension/edits/documentLines.ts';
import { lineDiff } from '../../../../extension/edits/lineDiff.ts';

const someLines = fc.array(fc.constantFrom('', 'a', 'b', 'c', '}'), { maxLength: 14 });

describe('the difference of two texts', () => {
  it('turns the one into the other, in order and without overlap', () => {
    fc.assert(
      fc.property(someLines, someLines, (before, after) => {
        const changes = lineDiff(before, after);
        expect(withChanges(before, changes)).toEqual(after);
        for (const [index, { start, removed, added }] of changes.entries()) {
          expect(removed + added.length).toBeGreaterThan(0);
          const previous = changes[index - 1];
          if (previous !== undefined) expect(start).toBeGreaterThan(previous.start + previous.removed);
        }
      }),
    );
  });

  it('is empty for the same lines', () => {
    expect(lineDiff(['a', 'b'], ['a', 'b'])).toEqual([]);
  });

  it('has two changes where code is between them, and one where only blank lines and brackets are', () => {
    const code = ['a = 1', 'keep()', 'b = 2'];
    expect(lineDiff(code, ['a = 3', 'keep()', 'b = 4'])).toEqual([
      { start: 0, removed: 1, added: ['a = 3'] },
      { start: 2, removed: 1, added: ['b = 4'] },
    ]);
    expect(lineDiff(['a = 1', '}', '', 'b = 2'], ['a = 3', '}', '', 'b = 4'])).toEqual([
      { start: 0, removed: 4, added: ['a = 3', '}', '', 'b = 4'] },
    ]);
  });

  it('is one change for texts too long to compare line by line', () => {
    const before = Array.from({ length: 2_500 }, (_, index) => `old ${index}`);
    const after = before.map((line) => (line.endsWith('7') ? line : `new ${line}`));
    expect(lineDiff(before, after)).toHaveLength(1);
  });
});
