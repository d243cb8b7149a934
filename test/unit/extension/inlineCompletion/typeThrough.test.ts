import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { longestRest } from '../../../../protocol/longestRest.ts';
import {
  anchorBefore,
  anchorOf,
  type Insertion,
} from '../../../../extension/inlineCompletion/cursorWindow.ts';
import {
  isCompatible,
  remaining,
  restAfter,
  typedSince,
} from '../../../../extension/inlineCompletion/typeThrough.ts';
import { TypingEditor } from '../../../support/completion/typingEditor.ts';

/** What is left of a text that was offered at one place, at another. */
function left(text: string, from: TypingEditor, to: TypingEditor, replacedLength = 0): Insertion | null {
  for (const typed of typedSince(anchorOf(from.window, replacedLength), to.window)) {
    const rest = remaining(text, typed);
    if (rest !== null) return rest;
  }
  return null;
}

/** What is left of a text after keys, and the document when that is accepted. */
function after(
  marked: string,
  text: string,
  keys: string,
): { readonly rest: string | null; readonly text: string } {
  const from = new TypingEditor(marked);
  const to = new TypingEditor(marked).type(keys);
  const rest = left(text, from, to);
  return { rest: rest?.text ?? null, text: rest === null ? to.text : to.accept(rest).text };
}

describe('what is left of a completion', () => {
  it.each([
    ['nothing was typed', 'a = |;\n', 'b + c', '', 'b + c'],
    ['its beginning was typed', 'a = |;\n', 'b + c', 'b ', '+ c'],
    ['something else was typed', 'a = |;\n', 'b + c', 'c', null],
    ['all of it was typed', 'a = |;\n', 'b + c', 'b + c', null],
    ['only white space is left', 'a = |\n', 'b ', 'b', null],
    ['a bracket closed itself', 'a = |\n', 'f(x, y)', 'f(', 'x, y)'],
    ['brackets closed themselves', 'a = |\n', 'f([x], y)', 'f([', 'x], y)'],
    ['a quote closed itself', 'a = |\n', 'f("x") + 1', 'f("', 'x") + 1'],
    ['a closer was typed over', 'a = |\n', 'f(x) + y', 'f(x)', ' + y'],
    ['Enter was typed', 'f();|\n', '\ng();\nh();', '\ng', '();\nh();'],
    ['Enter was typed between brackets', 'if (a) |\n', '{\n  f();\n}', '{\n', 'f();'],
    [
      'Enter was typed in an indented block',
      '  if (a) |\n',
      '{\n    f();\n    g();\n  }',
      '{\nf();\n',
      'g();',
    ],
  ])('where %s', (_what, marked, text, keys, rest) => {
    expect(after(marked, text, keys).rest).toBe(rest);
  });

  it.each([
    ['a = |\n', 'f(x, y)', 'f('],
    ['a = |;\n', 'f(x)[y]', 'f(x)['],
    ['a = g(|)\n', 'f("x", [1])', 'f("x", ['],
    ['  if (a) |\n', '{\n    f();\n    g();\n  }', '{\nf('],
    ['  call(|);\n', '{\n    a: 1,\n    b: 2,\n  }', '{\na: '],
  ])('makes of %j, with %j after typing %j, the document as it was offered', (marked, text, keys) => {
    expect(after(marked, text, keys).text).toBe(marked.replace('|', text));
  });

  it('follows Windows line ends and their indentation', () => {
    const from = new TypingEditor('if (a) |\r\nb();\r\n');
    const to = new TypingEditor('if (a) |\r\nb();\r\n').type('{\nf(');
    expect(to.marked).toBe('if (a) {\r\n  f(|)\r\n}\r\nb();\r\n');
    const rest = left('{\n  f(1);\n}', from, to);
    expect(rest).toEqual({ text: '1);', replacedLength: 1 });
    expect(to.accept(rest ?? { text: '' }).text).toBe('if (a) {\r\n  f(1);\r\n}\r\nb();\r\n');
  });

  it('moves lines to the indentation that the editor makes', () => {
    expect(restAfter('\n    f();\n    g();', '\n\tf')).toBe('();\n\tg();');
    expect(restAfter('\n  f();\n    g();', '\n      f')).toBe('();\n        g();');
    expect(restAfter('\n    f();', '\n  ')).toBe('  f();');
    expect(restAfter('\n  f();', '\n    ')).toBe('f();');
  });

  it('does not take other text for indentation', () => {
    expect(restAfter('\n  f();', '\n  g')).toBeNull();
    expect(restAfter('a\n  f();', 'b\n  f')).toBeNull();
    expect(restAfter('f();', 'f();\n')).toBeNull();
  });

  it('is nothing where a bracket closed itself that the text does not close', () => {
    expect(after('a = |\n', 'f(x', 'f(').rest).toBeNull();
  });

  it('is the same where the text replaces some of the line', () => {
    const from = new TypingEditor('f(|);\n');
    expect(left('x, y);', from, new TypingEditor('f(|);\n').type('x'), 2)).toEqual({
      text: ', y);',
      replacedLength: 2,
    });
    expect(left('x);', from, new TypingEditor('f(x)|;\n'), 2)).toBeNull();
    expect(left('x); g();', from, new TypingEditor('f(x)|;\n'), 2)).toEqual({
      text: '; g();',
      replacedLength: 1,
    });
  });

  it('is the same where the text has the rest of the line in its midst', () => {
    const offered = 'a): boolean {';
    const from = new TypingEditor('function f(|) {\n');
    expect(left(offered, from, new TypingEditor('function f(|) {\n').type('a'), 3)).toEqual({
      text: '): boolean {',
      replacedLength: 3,
    });
    // As VS Code leaves the cursor when the text was accepted.
    expect(left(offered, from, new TypingEditor('function f(a): boolean| {\n'), 3)).toBeNull();
    expect(left(offered, from, new TypingEditor('function f(a): |) {\n'), 3)).toBeNull();
  });

  it('is looked for beside all that a completion may replace', () => {
    const rest = `, ${'x'.repeat(longestRest - 4)});`;
    const from = new TypingEditor(`f(|${rest}\n`);
    const to = new TypingEditor(`f(|${rest}\n`).type('a');
    expect(left(`a, b${rest}`, from, to, rest.length)).toEqual({
      text: `, b${rest}`,
      replacedLength: rest.length,
    });
  });

  it.each([
    ['the text after the cursor changed', 'a|;\n', 'a| ;\n'],
    ['the text before it changed', 'const a|;\n', 'CONST a|;\n'],
    ['some was deleted', 'const a|;\n', 'const |;\n'],
    ['the cursor moved up', 'a;\nb|;\nc;\n', 'a|;\nb;\nc;\n'],
  ])('is nothing where %s', (_what, before, now) => {
    expect(left('bc', new TypingEditor(before), new TypingEditor(now))).toBeNull();
  });

  it('is nothing in another language', () => {
    const from = new TypingEditor('a|');
    expect(left('bc', from, new TypingEditor('a|', { languageId: 'python' }))).toBeNull();
  });

  it('is found in a document that is longer than what is compared', () => {
    const long = 'x = 1;\n'.repeat(anchorBefore);
    expect(after(`${long}a = |;\n${long}`, 'b + c', 'b').rest).toBe(' + c');
  });

  it('completes every document as it was offered, whatever part of it was typed', () => {
    const code = fc.string({
      unit: fc.constantFrom('a', 'b', ' ', '(', ')', '{', '}', '"', '\n', ';'),
      maxLength: 20,
    });
    fc.assert(
      fc.property(code, code, code, fc.nat(20), (before, afterCursor, text, count) => {
        const marked = `${before}|${afterCursor}`;
        const to = new TypingEditor(marked).accept({ text: text.slice(0, Math.min(count, text.length)) });
        const rest = left(text, new TypingEditor(marked), to);
        if (rest !== null) expect(to.accept(rest).text).toBe(before + text + afterCursor);
        else if (count < text.length) expect(text.slice(count).trim()).toBe('');
      }),
      { numRuns: 500 },
    );
  });
});

describe('isCompatible', () => {
  it('is true while one can become the other', () => {
    expect(isCompatible('', 'abc')).toBe(true);
    expect(isCompatible('abcd', 'abc')).toBe(true);
    expect(isCompatible('ab', 'abc')).toBe(true);
    expect(isCompatible('ax', 'abc')).toBe(false);
  });
});
