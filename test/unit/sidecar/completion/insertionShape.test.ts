import { describe, expect, it } from 'vitest';
import { InsertionReader } from '../../../../sidecar/completion/insertionShape.ts';
import type { ShapeReader } from '../../../../sidecar/syntax/codeShape.ts';

/** Counts `!` as errors, and gives up on texts with `?`. */
const read: ShapeReader = (text) =>
  text.includes('?') ? null : { marks: [], quotations: [], errorCount: text.split('!').length - 1 };

const added = (before: string, insertion: string, after = ''): number =>
  new InsertionReader(read, { before, after, reachesEnd: true }).shapeOf(insertion).addedErrors;

describe('errors that a text adds', () => {
  it('are those that it brings, less those that it mends', () => {
    expect(added('a!', 'b!!')).toBe(2);
    expect(added('a', 'b')).toBe(0);
  });

  it('are none in a text with so many that its grammar seems to be another', () => {
    expect(added('!!!!!', '!')).toBe(0);
  });

  it('are unknown, so none, where either text took too long to read', () => {
    expect(added('a?', 'b!!')).toBe(0);
    expect(added('a!!', 'b?')).toBe(0);
    const reader = new InsertionReader(read, { before: 'x\n!', after: '!\n?', reachesEnd: true });
    expect(reader.errorsOfHole).toBe(0);
  });
});
