import { describe, expect, it } from 'vitest';
import { cursorContext, isInsideWord, repeatsWord } from '../../../../sidecar/completion/cursorContext.ts';

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
    expect(at(`|\r\n${'long '.repeat(2_000)}`).lineEnd).toBe('\r\n');
    expect(at(`|${'long '.repeat(2_000)}\r\n`).lineEnd).toBe('\r\n');
  });

  it.each([
    ['    retu|rn', ' retu'],
    ['retu|', 'retu'],
    ['x = |1', ' '],
    ['f(items|', '(items'],
    ['((items|', 'items'],
    ['x = "items|', 'items'],
    ['f(a, items|', ' items'],
    ['f(|', '('],
    ['a &&|b', ' &&'],
    ['x ==|', ' =='],
    ['    |', '    '],
    ['\t\t|', '\t\t'],
    ['\tif|', '\tif'],
    ['a\n|', ''],
    ['a\r\n|', ''],
    ['|', ''],
    ['größe_2|', 'größe_2'],
    ['$scope.ne|', '.ne'],
    ['self._it|', '._it'],
    ['max_it|', 'max_it'],
    [`(${'a'.repeat(32)}|`, 'a'.repeat(32)],
    ['"😀|', '"😀'],
    ['\ud83dfoo|', 'foo'],
    ['\ud83d(|', '('],
  ])('of %j generates %j again', (marked, run) => {
    expect(at(marked).regenerated).toBe(run);
  });

  it('generates at most 32 characters again, and no half of one', () => {
    expect(at(`${'a'.repeat(40)}|`).regenerated).toBe('a'.repeat(32));
    const faces = `${'😀'.repeat(20)}x|`.replace('x', '!');
    expect(at(faces).regenerated).toBe(`${'😀'.repeat(15)}!`);
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

  it.each([
    ['if let|ter == 1:', 'ter == 2 or let', true],
    ['if let|ter == 1:', 'terless == 1 or let', false],
    ['return|n', ' 2 ** ', false],
    ['word|', 'word', false],
    ['f(|x)', 'x', false],
  ])('at %s, %j repeats the word: %s', (marked, text, expected) => {
    expect(repeatsWord(text, at(marked))).toBe(expected);
  });
});
