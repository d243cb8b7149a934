import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  contextWindow,
  reuseShown,
  type CursorWindow,
  type Offer,
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

/** Texts that are inserted and replace nothing. */
function insertions(...texts: readonly string[]): readonly Offer[] {
  return texts.map((text) => ({ text, replacedLength: 0 }));
}

/** The document that accepting an offer makes. */
function accepted(marked: string, { text, replacedLength }: Offer): string {
  const [before = '', after = ''] = marked.split('|');
  return before + text + after.slice(replacedLength);
}

describe('reuseShown', () => {
  const shown = { at: cursor('const sum = |;\n'), offers: insertions('a + b', 'a * b', 'total(x)') };

  it('keeps what is left after typing the beginning', () => {
    expect(reuseShown(shown, cursor('const sum = a |;\n'))).toEqual(insertions('+ b', '* b'));
  });

  it('keeps everything while nothing was typed', () => {
    expect(reuseShown(shown, cursor('const sum = |;\n'))).toEqual(shown.offers);
  });

  it('follows typing over a line end', () => {
    const block = { at: cursor('if (x) {|}'), offers: insertions('\n  go();\n') };
    expect(reuseShown(block, cursor('if (x) {\n  |}'))).toEqual(insertions('go();\n'));
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
    const wide = { at: cursor('|;'), offers: insertions(`${long}y`) };
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
          const [rest] = reuseShown(
            { at, offers: insertions(completion) },
            cursor(`${before}${typed}|${after}`),
          );
          expect(typed + (rest?.text ?? '')).toBe(completion);
        },
      ),
    );
  });
});

describe('a completion that writes the rest of the line again', () => {
  const document = 'foo(|);\nbar();\n';
  const shown = { at: cursor(document), offers: [{ text: 'a, b);', replacedLength: 2 }] };

  it.each([
    ['nothing was typed', 'foo(|);\nbar();\n', { text: 'a, b);', replacedLength: 2 }],
    ['its beginning was typed', 'foo(a|);\nbar();\n', { text: ', b);', replacedLength: 2 }],
    ['a part of the rest was deleted', 'foo(a|;\nbar();\n', { text: ', b);', replacedLength: 1 }],
  ])('goes on when %s', (_what, marked, offer) => {
    expect(reuseShown(shown, cursor(marked))).toEqual([offer]);
    expect(accepted(marked, offer)).toBe('foo(a, b);\nbar();\n');
  });

  it('goes on when a bracket was typed over that it has before its end', () => {
    const nested = { at: cursor('f(g(|));\n'), offers: [{ text: 'x), y);', replacedLength: 3 }] };
    const marked = 'f(g(x)|);\n';
    const [offer] = reuseShown(nested, cursor(marked));
    expect(offer).toEqual({ text: ', y);', replacedLength: 2 });
    expect(offer && accepted(marked, offer)).toBe('f(g(x), y);\n');
  });

  it('goes on in a document that is longer than the windows', () => {
    const tail = `;\n${'next();\n'.repeat(100)}`;
    const long = { at: cursor(`foo(|)${tail}`), offers: [{ text: 'a, b);', replacedLength: 2 }] };
    expect(reuseShown(long, cursor(`foo(a|${tail}`))).toEqual([{ text: ', b);', replacedLength: 1 }]);
  });

  it.each([
    ['all that it adds was typed', 'foo(a, b|);\nbar();\n'],
    ['the bracket was typed over too early', 'foo()|;\nbar();\n'],
    ['the line was typed to its end', 'foo(a, b)|;\nbar();\n'],
    ['more than it replaces is gone', 'foo(a|\nbar();\n'.replace('\n', '')],
  ])('ends when %s', (_what, marked) => {
    expect(reuseShown(shown, cursor(marked))).toEqual([]);
  });
});
