import { describe, expect, it } from 'vitest';
import { newErrorsMessage } from '../../../../extension/edits/editWords.ts';
import { type KnownError, movedErrors, newErrors } from '../../../../extension/edits/newErrors.ts';

const error = (line: number | null, message = 'Cannot find name “totl”.', source = 'ts'): KnownError => ({
  message,
  source,
  line,
});

describe('errors before an edit', () => {
  it('move with their lines, and lose the line that was replaced', () => {
    const changes = [
      { start: 2, removed: 1, added: ['a', 'b', 'c'] },
      { start: 6, removed: 2, added: [] },
    ];
    const lines = [0, 1, 2, 3, 5, 6, 7, 8, null].map((line) => error(line));
    expect(movedErrors(lines, changes).map(({ line }) => line)).toEqual([
      0,
      1,
      null,
      5,
      7,
      null,
      null,
      8,
      null,
    ]);
  });

  it('stay where they are above lines that are put in', () => {
    expect(movedErrors([error(3)], [{ start: 4, removed: 0, added: ['a'] }])).toEqual([error(3)]);
    expect(movedErrors([error(4)], [{ start: 4, removed: 0, added: ['a'] }])).toEqual([error(5)]);
  });
});

describe('new errors', () => {
  it('are those that were not there', () => {
    expect(newErrors([], [error(3)])).toEqual([error(3)]);
    expect(newErrors([error(3)], [error(3)])).toEqual([]);
    expect(newErrors([error(3)], [])).toEqual([]);
    expect(newErrors([error(3)], [error(3, 'Another.')])).toEqual([error(3, 'Another.')]);
    expect(newErrors([error(3)], [error(3, undefined, 'lint')])).toEqual([error(3, undefined, 'lint')]);
  });

  it('are not those of a line that was written anew and still has its error', () => {
    expect(newErrors([error(null)], [error(4)])).toEqual([]);
  });

  it('are as many as there are more than before, and not those whose line is known', () => {
    expect(newErrors([error(4)], [error(2), error(4), error(9)])).toEqual([error(2), error(9)]);
    expect(newErrors([error(null), error(9)], [error(2), error(4), error(9)])).toEqual([error(4)]);
  });
});

describe('what is said of new errors', () => {
  it('names the first and its line, and how many there are', () => {
    expect(newErrorsMessage('a.ts', [error(3)])).toBe(
      'a.ts has a new error since the edit, in line 4: Cannot find name “totl”.',
    );
    expect(newErrorsMessage('a.ts', [error(0, 'One.\nMore of it.'), error(3)])).toBe(
      'a.ts has 2 new errors since the edit. The first is in line 1: One.',
    );
  });

  it('cuts a message that has no end', () => {
    expect(newErrorsMessage('a.ts', [error(3, 'x'.repeat(1_000))]).length).toBeLessThan(270);
  });
});
