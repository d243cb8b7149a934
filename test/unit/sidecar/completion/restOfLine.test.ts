import { describe, expect, it } from 'vitest';
import { finishCompletion } from '../../../../sidecar/completion/finishCompletion.ts';
import { placeAt } from '../../../support/completion/places.ts';
import { shippedShapes } from '../../../support/machine/shippedGrammars.ts';

/** The document after accepting what is made of `generated` at the `|`, with the cursor where it then is. Throws where nothing is offered. */
async function accepted(
  marked: string,
  generated: string,
  { wasTruncated = false, insertsOnly = false, languageId = 'typescript' } = {},
): Promise<string> {
  const read = await shippedShapes.of(languageId);
  const place = placeAt(marked, { languageId, read, insertsOnly });
  const finished = finishCompletion(place.cursor.regenerated + generated, place, { wasTruncated });
  if (finished.type === 'suppressed') throw new Error(`Nothing is offered: ${finished.reason}.`);
  const { text, replacedLength } = finished;
  const [before = '', after = ''] = marked.split('|');
  return `${before}${text}|${after.slice(replacedLength)}`;
}

describe('the rest of a line that the model writes again', () => {
  it.each([
    ['closing brackets', 'foo(|);\nbar();\n', 'a, b);\nbar();\n', 'foo(a, b);|\nbar();\n'],
    ['an argument', 'foo(|, c);\n', 'a, b, c);\n', 'foo(a, b, c);|\n'],
    ['the half of a bracket after a block', 'if (a) {|}\n', '\n  b();\n}\n', 'if (a) {\n  b();\n}|\n'],
    ['the end of a string', 'log("|");\n', 'done");\n', 'log("done");|\n'],
    ['a rest with white space at its end', 'foo(|);  \n', 'a);\n', 'foo(a);|  \n'],
    ['a line of Windows', 'foo(|);\r\nbar();\r\n', 'a);\n', 'foo(a);|\r\nbar();\r\n'],
    ['closers that the editor added', 'bar();\nfoo(|)\n', 'a);\n', 'bar();\nfoo(a);|\n'],
    ['what the model ended by itself', 'foo(|);\n', 'a);', 'foo(a);|\n'],
    ['by itself alone where lines end otherwise', 'bar()\nfoo(|)\n', 'a);\n', 'bar()\nfoo(a)|\n'],
    ['before a word', 'foo(|, c)\n', 'a, c);\n', 'foo(a, c)|\n'],
  ])('is replaced: %s', async (_what, marked, generated, document) => {
    expect(await accepted(marked, generated)).toBe(document);
  });

  it.each([
    ['the model wrote none of it', 'foo(|);\n', 'a\n', 'foo(a|);\n'],
    ['it has a word that the model did not write', 'foo(|, c);\n', 'a, b);\n', 'foo(a, b|, c);\n'],
    ['the model wrote a part of it', 'f(g(|));\n', 'a)\n', 'f(g(a|));\n'],
    ['the text is a line above', 'a();\n|b();\n', 'c();\nb();\n', 'a();\nc();\n|b();\n'],
  ])('stays where it is when %s', async (_what, marked, generated, document) => {
    expect(await accepted(marked, generated)).toBe(document);
  });

  it.each([
    ['a return type', 'function f(|) {\n}\n', 'a): boolean {\n', 'function f(a): boolean {|\n}\n'],
    ['another call', 'foo(|);\n', 'a).then(b);\n', 'foo(a).then(b);|\n'],
    ['more of a condition', 'if (f(|)) {\n}\n', 'a) && b) {\n', 'if (f(a) && b) {|\n}\n'],
    ['an operator', 'foo(|);\n', 'a) + b;\n', 'foo(a) + b;|\n'],
    ['a type', 'const x = [|];\n', '1, 2] as const;\n', 'const x = [1, 2] as const;|\n'],
    ['nothing before it', 'foo(|);\n', ').then(b);\n', 'foo().then(b);|\n'],
    ['a mark that lines do not end with', 'bar()\nfoo(|)\n', 'a).then(b);\n', 'bar()\nfoo(a).then(b)|\n'],
    ['a line of Windows', 'foo(|);\r\nbar();\r\n', 'a) + b;\n', 'foo(a) + b;|\r\nbar();\r\n'],
    ['a smile', 'log("|");\n', 'done", ":)");\n', 'log("done", ":)");|\n'],
    ['another argument', 'log("|");\n', 'done", x);\n', 'log("done", x);|\n'],
  ])('is replaced by a line that has it within: %s', async (_what, marked, generated, document) => {
    expect(await accepted(marked, generated)).toBe(document);
  });

  it.each([
    ['the line opens what the rest does not', 'if (|)\n  b();\n', 'a) {\n', 'if (a|)\n  b();\n'],
    ['the line would break the code', 'foo(|);\n', 'a) b;\n', 'foo(a|);\n'],
    ['some of it is missing', 'foo(|);\n', 'a) + b\n', 'foo(a|);\n'],
    ['something else comes first', 'foo([|]);\n', 'a, b) + c[0]);\n', 'foo([a, b|]);\n'],
    ['it would be the line below', 'f(|);\nf(a) + b;\n', 'a) + b;\n', 'f(a|);\nf(a) + b;\n'],
  ])(
    'stays where it is though its characters are in the line: %s',
    async (_what, marked, generated, document) => {
      expect(await accepted(marked, generated)).toBe(document);
    },
  );

  it.each([
    ['python', 'def f(|):\n    return a\n', 'a) -> int:\n', 'def f(a) -> int:|\n    return a\n'],
    ['go', 'func f(|) {\n}\n', 'a int) error {\n', 'func f(a int) error {|\n}\n'],
    ['rust', 'fn f(|) {\n}\n', 'a: u8) -> u8 {\n', 'fn f(a: u8) -> u8 {|\n}\n'],
  ])('is replaced by such a line in %s', async (languageId, marked, generated, document) => {
    expect(await accepted(marked, generated, { languageId })).toBe(document);
  });

  it('stays where it is in a language whose errors cannot be counted', async () => {
    expect(await accepted('f (|)\n', 'a) + b\n', { languageId: 'haskell' })).toBe('f (a|)\n');
  });

  it('stays where it is in a file with many errors, which may be of another language', async () => {
    const broken = 'const = ;\nf(1);\n'.repeat(6);
    expect(await accepted(`foo(|);\n${broken}`, 'a) + b;\n')).toBe(`foo(a|);\n${broken}`);
  });

  it('stays where it is if it is longer than what is looked for beside a cursor', async () => {
    const rest = (length: number) => `, ${'x'.repeat(length - 4)});`;
    expect(await accepted(`foo(|${rest(120)}\n`, `a${rest(120)}\n`)).toBe(`foo(a${rest(120)}|\n`);
    expect(await accepted(`foo(|${rest(121)}\n`, `a${rest(121)}\n`)).toBe(`foo(a|${rest(121)}\n`);
  });

  it('is not shown by itself with a mark', async () => {
    await expect(accepted('bar();\nfoo(|)\n', ');\n')).rejects.toThrow('duplicatesSuffix');
  });

  it('stays where it is for a client that only inserts', async () => {
    expect(await accepted('foo(|);\n', 'a, b);\n', { insertsOnly: true })).toBe('foo(a, b|);\n');
    expect(await accepted('foo(|);\n', 'a) + b;\n', { insertsOnly: true })).toBe('foo(a|);\n');
  });

  it('has a comma added only where lines beside it end so', async () => {
    expect(await accepted('[\n  x,\n  foo(|)\n];\n', 'a),\n')).toBe('[\n  x,\n  foo(a),|\n];\n');
    expect(await accepted('b = [\n  x,\n];\nfoo(|)\n', 'a),\n')).toBe('b = [\n  x,\n];\nfoo(a)|\n');
  });

  it.each([
    ['it would break the code', 'const y = [\n  foo(|)\n];\n', 'a);\n', 'const y = [\n  foo(a)|\n];\n'],
    ['the line goes on below', 'bar();\nfoo(|)\n  .then(x);\n', 'a);\n', 'bar();\nfoo(a)|\n  .then(x);\n'],
    ['it would be the line above', 'foo(a);\nfoo(|)\n', 'a);\n', 'foo(a);\nfoo(a)|\n'],
  ])('has no mark added where %s', async (_what, marked, generated, document) => {
    expect(await accepted(marked, generated)).toBe(document);
  });

  it('has a mark added that the code lacks, though no other line ends so', async () => {
    const python = { languageId: 'python' };
    expect(await accepted('def f(|)\n    return a\n', 'a) -> int:\n', python)).toBe(
      'def f(a) -> int:|\n    return a\n',
    );
    expect(await accepted('def f(|, c)\n    return a\n', 'a, c):\n', python)).toBe(
      'def f(a, c):|\n    return a\n',
    );
  });

  it('stays where it is when the token limit may have broken the line off', async () => {
    expect(await accepted('foo(|);\n', 'a);', { wasTruncated: true })).toBe('foo(a|);\n');
    expect(await accepted('foo(|);\n', 'a);\nb', { wasTruncated: true })).toBe('foo(a);|\n');
  });
});
