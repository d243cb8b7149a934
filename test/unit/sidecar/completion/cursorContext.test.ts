import { describe, expect, it } from 'vitest';
import { cursorContext, isInsideWord } from '../../../../sidecar/completion/cursorContext.ts';

const limits = { beforeChars: 1000, afterChars: 1000 };

/** The context at the `|` of a text. */
function at(marked: string) {
  const offset = marked.indexOf('|');
  return cursorContext(marked.slice(0, offset) + marked.slice(offset + 1), offset, limits);
}

describe('cursor context', () => {
  it('shows line feeds alone and remembers what the document uses', () => {
    const context = at('a = 1\r\nb = |2\r\nc = 3\r\n');
    expect(context).toMatchObject({
      before: 'a = 1\nb = ',
      after: '2\nc = 3\n',
      lineBefore: 'b = ',
      lineAfter: '2',
      lineEnd: '\r\n',
    });
    expect(at('a\n|').lineEnd).toBe('\n');
    expect(at('|').lineEnd).toBe('\n');
    expect(at('|\r\n').lineEnd).toBe('\r\n');
  });

  it('notices a cursor between the halves of a character', () => {
    const text = 'x = "😀"';
    expect(cursorContext(text, text.indexOf('😀') + 1, limits).splitsCharacter).toBe(true);
    expect(cursorContext(text, text.indexOf('😀') + 2, limits).splitsCharacter).toBe(false);
  });

  it.each([
    ['wo|rd', true],
    ['größ|er', true],
    ['word|', false],
    ['f(|x)', false],
  ])('tells whether %s is inside a word', (marked, expected) => {
    expect(isInsideWord(at(marked))).toBe(expected);
  });
});
