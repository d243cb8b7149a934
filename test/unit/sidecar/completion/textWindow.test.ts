import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitsPair, takeWindow } from '../../../../sidecar/completion/textWindow.ts';

const limits = { beforeChars: 60, afterChars: 20 };
const document = fc.string({ unit: fc.constantFrom('a', ' ', '\n', '😀', 'é'), maxLength: 400 });

describe('text window', () => {
  it('takes all of a short document', () => {
    expect(takeWindow('abc', 1, limits)).toEqual({ before: 'a', after: 'bc' });
  });

  it('stays within its limits, next to the cursor, and cuts no character', () => {
    fc.assert(
      fc.property(document, fc.nat(), (text, at) => {
        const offset = text.length === 0 ? 0 : at % (text.length + 1);
        fc.pre(!splitsPair(text, offset));
        const { before, after } = takeWindow(text, offset, limits);
        expect(text.slice(0, offset).endsWith(before)).toBe(true);
        expect(text.slice(offset).startsWith(after)).toBe(true);
        expect(before.length).toBeLessThanOrEqual(limits.beforeChars);
        expect(after.length).toBeLessThanOrEqual(limits.afterChars + 1);
        expect(Buffer.from(before).toString()).toBe(before);
        expect(Buffer.from(after).toString()).toBe(after);
      }),
    );
  });

  it('begins at the same character while the user types, but for a few jumps', () => {
    const start = 'x'.repeat(1000);
    const starts = Array.from({ length: 200 }, (_, typed) => {
      const text = start + 'y'.repeat(typed);
      return text.length - takeWindow(text, text.length, limits).before.length;
    });
    expect(new Set(starts).size).toBeLessThanOrEqual(8);
  });

  it('looks at two megabytes in one line no longer than at a short one', () => {
    const text = 'a'.repeat(2_000_000);
    const window = takeWindow(text, 1_000_000, limits);
    expect(window.before.length).toBeGreaterThan(0);
    expect(window.before.length + window.after.length).toBeLessThanOrEqual(80);
  });
});
