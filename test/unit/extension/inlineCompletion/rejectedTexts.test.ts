import { describe, expect, it } from 'vitest';
import { anchorOf } from '../../../../extension/inlineCompletion/cursorWindow.ts';
import { type Display, displayAt, fateOf, seenIn } from '../../../../extension/inlineCompletion/display.ts';
import { RejectedTexts } from '../../../../extension/inlineCompletion/rejectedTexts.ts';
import { TypingEditor } from '../../../support/completion/typingEditor.ts';

const offers = [{ text: 'sum(values);', replacedLength: 0 }];

function isRejected(rejected: RejectedTexts, editor: TypingEditor, text: string): boolean {
  return rejected.withoutThem(editor.window, [{ text, replacedLength: 0 }]).type === 'quiet';
}

describe('rejected texts', () => {
  const place = new TypingEditor('a = |;\n');

  it('are not offered at their place, in whatever file, and are elsewhere', () => {
    const rejected = new RejectedTexts();
    rejected.add({ anchor: anchorOf(place.window, 0), texts: ['b + c'] });
    expect(isRejected(rejected, place, 'b + c')).toBe(true);
    expect(isRejected(rejected, new TypingEditor('a = |;\n', { uri: 'file:///b.ts' }), 'b + c')).toBe(true);
    expect(isRejected(rejected, new TypingEditor('x = |;\n'), 'b + c')).toBe(false);
    expect(isRejected(rejected, place, 'b + d')).toBe(false);
  });

  it('are the same with more lines', () => {
    const rejected = new RejectedTexts();
    rejected.add({ anchor: anchorOf(place.window, 0), texts: ['f();'] });
    expect(isRejected(rejected, place, 'f();\ng();')).toBe(true);
  });

  it('leave the others', () => {
    const rejected = new RejectedTexts();
    rejected.add({ anchor: anchorOf(place.window, 0), texts: ['b'] });
    const both = ['b', 'c'].map((text) => ({ text, replacedLength: 0 }));
    expect(rejected.withoutThem(place.window, both)).toEqual({ type: 'offers', offers: [both[1]] });
  });

  it('are a bounded number, the oldest forgotten first', () => {
    const rejected = new RejectedTexts();
    for (let count = 0; count < 600; count++)
      rejected.add({ anchor: anchorOf(place.window, 0), texts: [`text ${count}`] });
    expect(isRejected(rejected, place, 'text 599')).toBe(true);
    expect(isRejected(rejected, place, 'text 0')).toBe(false);
  });
});

it('a text that was typed through was on display at a bounded number of places', () => {
  const text = 'x'.repeat(300);
  const editor = new TypingEditor('|\n');
  let display: Display | null = null;
  for (let length = 0; length < 200; length++) {
    const offers = [text.slice(length), `${text.slice(length)}y`].map((each) => ({
      text: each,
      replacedLength: 0,
    }));
    display = displayAt(editor.window, offers, { before: display, flight: null });
    editor.type('x');
  }
  const seen = display === null ? [] : seenIn(display);
  expect(seen.map(({ anchor }) => anchor.before.length)).toEqual([0, 192, 193, 194, 195, 196, 197, 198, 199]);
  expect(seen.at(-1)?.texts).toEqual(['x'.repeat(101), `${'x'.repeat(101)}y`]);
});

describe('the fate of a display', () => {
  const marked = 'const total = |;\nnext;\n';
  const display = displayAt(new TypingEditor(marked).window, offers, { before: null, flight: null });
  const fate = (change: (editor: TypingEditor) => TypingEditor) =>
    fateOf(display, change(new TypingEditor(marked)).window);

  it('is that it was followed while its beginning is typed or accepted', () => {
    expect(fate((editor) => editor)).toBe('followed');
    expect(fate((editor) => editor.type('sum('))).toBe('followed');
    expect(fate((editor) => editor.accept({ text: 'sum' }))).toBe('followed');
  });

  it('is that it was accepted when all of it is there', () => {
    expect(fate((editor) => editor.accept({ text: 'sum(values);' }))).toBe('accepted');
    expect(fate((editor) => editor.accept({ text: 'sum(values);' }).type('\nmore'))).toBe('accepted');
  });

  it('is that it was rejected when something else is typed', () => {
    expect(fate((editor) => editor.type('x'))).toBe('rejected');
    expect(fate((editor) => editor.type('sub'))).toBe('rejected');
    expect(fate((editor) => editor.type('\n'))).toBe('rejected');
    expect(fate((editor) => editor.type('('))).toBe('rejected');
  });

  it('is that it was left when the cursor moves, or something is deleted', () => {
    expect(fate((editor) => editor.move(3))).toBe('left');
    expect(fate((editor) => editor.backspace())).toBe('left');
    expect(fateOf(display, new TypingEditor(marked, { uri: 'file:///b.ts' }).window)).toBe('left');
  });

  it('counts a text that replaces some of the line', () => {
    const at = new TypingEditor('f(|);\n');
    const replacing = displayAt(at.window, [{ text: 'x);', replacedLength: 2 }], {
      before: null,
      flight: null,
    });
    expect(fateOf(replacing, new TypingEditor('f(|);\n').type('x').window)).toBe('followed');
    expect(fateOf(replacing, new TypingEditor('f(|);\n').type('y').window)).toBe('rejected');
    expect(fateOf(replacing, at.accept({ text: 'x);', replacedLength: 2 }).window)).toBe('accepted');
  });
});
