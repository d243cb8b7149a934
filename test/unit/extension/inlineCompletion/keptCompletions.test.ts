import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anchorBefore, anchorOf } from '../../../../extension/inlineCompletion/cursorWindow.ts';
import { KeptCompletions } from '../../../../extension/inlineCompletion/keptCompletions.ts';
import { RejectedTexts } from '../../../../extension/inlineCompletion/rejectedTexts.ts';
import { StretchHashes, textHash } from '../../../../extension/inlineCompletion/textHash.ts';
import { remaining, typedSince } from '../../../../extension/inlineCompletion/typeThrough.ts';
import { TypingEditor } from '../../../support/completion/typingEditor.ts';

const nothingRejected = new RejectedTexts();

function plain(...texts: readonly string[]): { readonly text: string; readonly replacedLength: number }[] {
  return texts.map((text) => ({ text, replacedLength: 0 }));
}

function textsAt(kept: KeptCompletions, editor: TypingEditor): readonly string[] | null {
  const answer = kept.find(editor.window, nothingRejected);
  return answer?.type === 'offers' ? answer.offers.map(({ text }) => text) : null;
}

describe('kept completions', () => {
  it('are found in any file with the same text around the cursor', () => {
    const kept = new KeptCompletions();
    kept.keep(new TypingEditor('a = |;\n').window, plain('b', 'c'));
    expect(textsAt(kept, new TypingEditor('a = |;\n', { uri: 'file:///other.ts' }))).toEqual(['b', 'c']);
    expect(textsAt(kept, new TypingEditor('a = |;\n', { languageId: 'python' }))).toBeNull();
    expect(textsAt(kept, new TypingEditor('a =|;\n'))).toBeNull();
  });

  it('are forgotten in the order in which they were last used', () => {
    const kept = new KeptCompletions(3);
    const at = (name: string) => new TypingEditor(`${name} = |;\n`);
    for (const name of ['a', 'b', 'c']) kept.keep(at(name).window, plain(`${name}1`));
    expect(textsAt(kept, at('a'))).toEqual(['a1']);
    kept.keep(at('d').window, plain('d1'));
    expect(kept.size).toBe(3);
    expect(['a', 'b', 'c', 'd'].map((name) => textsAt(kept, at(name))?.[0] ?? null)).toEqual([
      'a1',
      null,
      'c1',
      'd1',
    ]);
  });

  it('go by the place that is the least far back', () => {
    const kept = new KeptCompletions();
    kept.keep(new TypingEditor('|;\n').window, plain('a = b + c'));
    kept.keep(new TypingEditor('a = |;\n').window, plain('b * d'));
    expect(textsAt(kept, new TypingEditor('a = b|;\n'))).toEqual([' * d']);
    expect(textsAt(kept, new TypingEditor('a = b +|;\n'))).toEqual([' c']);
  });

  it('replace what was kept for the same place', () => {
    const kept = new KeptCompletions();
    const editor = new TypingEditor('a = |;\n');
    kept.keepNothing(editor.window, 'emptyCompletion');
    expect(kept.find(editor.window, nothingRejected)).toEqual({ type: 'quiet', reason: 'emptyCompletion' });
    kept.keep(editor.window, plain('b'));
    expect(textsAt(kept, editor)).toEqual(['b']);
    expect(kept.size).toBe(1);
  });

  it('hold for a place where there is nothing only if nothing was typed since', () => {
    const kept = new KeptCompletions();
    kept.keepNothing(new TypingEditor('a|;\n').window, 'emptyCompletion');
    expect(kept.find(new TypingEditor('ab|;\n').window, nothingRejected)).toBeNull();
  });

  it('replace what they were meant to, and put the best first', () => {
    const kept = new KeptCompletions();
    const editor = new TypingEditor('f(|);\n');
    kept.keep(editor.window, [{ text: 'x, y);', replacedLength: 2 }, ...plain('z')]);
    expect(kept.find(editor.window, nothingRejected)).toEqual({
      type: 'offers',
      offers: [
        { text: 'x, y);', replacedLength: 2 },
        { text: 'z', replacedLength: 0 },
      ],
    });
    const typed = editor.type('x').window;
    expect(kept.find(typed, nothingRejected)).toEqual({
      type: 'offers',
      offers: [{ text: ', y);', replacedLength: 2 }],
    });
  });

  it('are found far into a long document', () => {
    const long = 'total = total + 1;\n'.repeat(anchorBefore);
    const kept = new KeptCompletions();
    kept.keep(new TypingEditor(`${long}|\n${long}`).window, plain('print(total);'));
    expect(textsAt(kept, new TypingEditor(`${long}print|\n${long}`))).toEqual(['(total);']);
  });

  it('are exactly those that can be typed to, whatever the text', () => {
    const code = fc.string({ unit: fc.constantFrom('a', 'b', '(', ')', '\n', ' '), maxLength: 12 });
    fc.assert(
      fc.property(code, code, code, code, (before, afterCursor, text, typed) => {
        const from = new TypingEditor(`${before}|${afterCursor}`);
        const to = new TypingEditor(`${before}|${afterCursor}`).type(typed);
        const kept = new KeptCompletions();
        kept.keep(from.window, plain(text));
        const expected = [...typedSince(anchorOf(from.window, 0), to.window)].some(
          (since) => remaining(text, since) !== null,
        );
        expect(textsAt(kept, to) !== null).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('hashes of stretches', () => {
  it('are those of the stretches alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), fc.nat(), (text, a, b) => {
        const [start, end] = [a % (text.length + 1), b % (text.length + 1)].toSorted((x, y) => x - y);
        const stretch = new StretchHashes(text).of(start ?? 0, end ?? 0);
        expect(stretch).toBe(textHash(text.slice(start, end)));
      }),
    );
  });
});
