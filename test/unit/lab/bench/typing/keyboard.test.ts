import { describe, expect, it } from 'vitest';
import { Keyboard } from '../../../../../lab/bench/typing/keyboard.ts';

/** Types from where `|` is, and returns the text with `|` at the cursor. */
function typed(start: string, act: (keyboard: Keyboard) => void): string {
  const offset = start.indexOf('|');
  const keyboard = new Keyboard(start.replace('|', ''), '  ');
  for (let moves = 0; moves < offset; moves++) keyboard.move('right');
  act(keyboard);
  return `${keyboard.text.slice(0, keyboard.offset)}|${keyboard.text.slice(keyboard.offset)}`;
}

const keys =
  (text: string) =>
  (keyboard: Keyboard): void => {
    for (const key of text) keyboard.type(key);
  };

describe('keyboard', () => {
  it.each([
    ['f|', '(', 'f(|)'],
    ['f|', '(a)', 'f(a)|'],
    ['f|', '([a])', 'f([a])|'],
    ['|name', '(', '(|name'],
    ['f(|)', '"', 'f("|")'],
    ['don|', "'", "don'|"],
    ['f|', '("a")', 'f("a")|'],
    // A closer that was there before is not typed over.
    ['f(a|)', ')', 'f(a)|)'],
  ])('%s and %s give %s', (start, text, expected) => {
    expect(typed(start, keys(text))).toBe(expected);
  });

  it.each([
    ['  a;|', '\nb', '  a;\n  b|'],
    ['if (a) |', '{\n', 'if (a) {\n  |\n}'],
    ['  def f():|', '\n', '  def f():\n    |'],
    ['f|', '(\na', 'f(\n  a|\n)'],
  ])('Enter indents: %j and %j give %j', (start, text, expected) => {
    expect(typed(start, keys(text))).toBe(expected);
  });

  it('deletes a pair that it has closed, and else one character', () => {
    const backAfter = (text: string) => (keyboard: Keyboard) => {
      keys(text)(keyboard);
      keyboard.back();
    };
    expect(typed('f|', backAfter('('))).toBe('f|');
    expect(typed('f|', backAfter('(a'))).toBe('f(|)');
    expect(typed('|', backAfter(''))).toBe('|');
  });

  it('moves as an editor does, after which closers are not typed over', () => {
    const moved =
      (...arrows: readonly ('up' | 'down' | 'left' | 'right' | 'end')[]) =>
      (keyboard: Keyboard) => {
        for (const arrow of arrows) keyboard.move(arrow);
      };
    expect(typed('long line|\nab\n', moved('down'))).toBe('long line\nab|\n');
    expect(typed('ab\nc|d', moved('up', 'end'))).toBe('ab|\ncd');
    expect(typed('|a', moved('left', 'up', 'right', 'right', 'down'))).toBe('a|');
    const leftAndBack = (keyboard: Keyboard) => {
      keys('(')(keyboard);
      moved('left', 'right')(keyboard);
      keys(')')(keyboard);
    };
    expect(typed('f|', leftAndBack)).toBe('f()|)');
  });

  it('says what changed, so that a copy can follow', () => {
    const keyboard = new Keyboard('f', '  ');
    keyboard.move('right');
    expect(keyboard.type('(')).toEqual({ offset: 1, removed: 0, inserted: '()' });
    expect(keyboard.type(')')).toBeNull();
    expect(keyboard.back()).toEqual({ offset: 2, removed: 1, inserted: '' });
    expect(keyboard.position).toEqual({ line: 0, character: 2 });
  });

  it('jumps only to a place that there is once', () => {
    const keyboard = new Keyboard('a b b', '  ');
    keyboard.jump('a |b');
    expect(keyboard.offset).toBe(2);
    expect(() => {
      keyboard.jump('b|');
    }).toThrow(/more than once/);
    expect(() => {
      keyboard.jump('c|');
    }).toThrow(/not in its document/);
  });
});
