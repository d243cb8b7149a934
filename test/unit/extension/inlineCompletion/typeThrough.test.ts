import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  contextWindow,
  continuing,
  reuseShown,
  type CursorWindow,
} from '../../../../extension/inlineCompletion/typeThrough.ts';

/** The cursor at `|` in a document. */
function cursor(marked: string, uri = 'file:///a.ts'): CursorWindow {
  const offset = marked.indexOf('|');
  const text = marked.replace('|', '');
  return {
    uri,
    offset,
    before: text.slice(Math.max(0, offset - contextWindow), offset),
    after: text.slice(offset, offset + contextWindow),
  };
}

describe('reuseShown', () => {
  const shown = { at: cursor('const sum = |;\n'), texts: ['a + b', 'a * b', 'total(x)'] };

  it('keeps what is left after typing the beginning', () => {
    expect(reuseShown(shown, cursor('const sum = a |;\n'))).toEqual(['+ b', '* b']);
  });

  it('keeps everything while nothing was typed', () => {
    expect(reuseShown(shown, cursor('const sum = |;\n'))).toEqual(shown.texts);
  });

  it('follows typing over a line end', () => {
    const block = { at: cursor('if (x) {|}'), texts: ['\n  go();\n'] };
    expect(reuseShown(block, cursor('if (x) {\n  |}'))).toEqual(['go();\n']);
  });

  it.each([
    ['something else was typed', 'const sum = c|;\n'],
    ['all of it was typed', 'const sum = a + b|;\n'],
    ['text was deleted', 'const sum =|;\n'],
    ['the text behind changed', 'const sum = a| ;\n'],
    ['the text before changed', 'const SUM = a|;\n'],
  ])('offers nothing when %s', (_what, marked) => {
    expect(reuseShown(shown, cursor(marked))).toEqual([]);
  });

  it('offers nothing in another document', () => {
    expect(reuseShown(shown, cursor('const sum = a|;\n', 'file:///b.ts'))).toEqual([]);
  });

  it('offers nothing when more was typed than the window holds', () => {
    const long = 'x'.repeat(contextWindow + 10);
    const wide = { at: cursor('|;'), texts: [`${long}y`] };
    expect(reuseShown(wide, cursor(`${long}|;`))).toEqual([]);
  });

  it('always offers exactly what completes the document as it was shown', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.string({ minLength: 1, maxLength: 40 }),
        fc.nat(39),
        (a, b, text, n) => {
          const before = a.replaceAll('|', '');
          const after = b.replaceAll('|', '');
          const completion = text.replaceAll('|', '-');
          const typed = completion.slice(0, Math.min(n, completion.length - 1));
          const at = cursor(`${before}|${after}`);
          const [rest] = reuseShown({ at, texts: [completion] }, cursor(`${before}${typed}|${after}`));
          expect(typed + (rest ?? '')).toBe(completion);
        },
      ),
    );
  });
});

describe('continuing', () => {
  it('keeps the texts that go on as the selected suggestion does', () => {
    expect(continuing(['ength > 0', 'ine'], 'ength')).toEqual(['ength > 0']);
  });
});
