import { describe, expect, it } from 'vitest';
import { grammarOf } from '../../../../sidecar/syntax/grammars.ts';
import { grammarNames } from '../../../../sidecar/syntax/grammarFiles.mjs';
import { shapeText } from '../../../support/completion/shapeText.ts';
import { shippedShapes } from '../../../support/machine/shippedGrammars.ts';

async function shapeOf(languageId: string, text: string) {
  const shape = (await shippedShapes.of(languageId))(text);
  if (shape === null) throw new Error('The text took too long.');
  return shape;
}

/** Code with brackets in strings and comments: its marks, and its strings, comments and the code in strings. */
const samples = [
  {
    languageId: 'c',
    text: '#ifdef A\nint f(int a[2]) { char c = \'{\'; return g("}"); /* ( */ } // ]\n#endif\n',
    marks: '+#ifdef +( +[ -] -) +{ +( -) -} -#endif',
    quotations: ["string '{'", 'string "}"', 'comment /* ( */', 'comment // ]'],
  },
  {
    languageId: 'cpp',
    text: 'class A { int f() { return g("}", \'(\'); /* [ */ } };',
    marks: '+{ +( -) +{ +( -) -} -}',
    quotations: ['string "}"', "string '('", 'comment /* [ */'],
  },
  {
    languageId: 'csharp',
    text: 'class A { string F() { return G("}", \'(\', @"["); /* ( */ } }',
    marks: '+{ +( -) +{ +( -) -} -}',
    quotations: ['string "}"', "string '('", 'string @"["', 'comment /* ( */'],
  },
  {
    languageId: 'css',
    text: 'a[b] { color: rgb(1, 2, 3); content: "}"; /* { */ }',
    marks: '+[ -] +{ +( -) -}',
    quotations: ['string "}"', 'comment /* { */'],
  },
  {
    languageId: 'go',
    text: 'package a\nfunc f() { g("}", `(`, \'[\') /* { */ }',
    marks: '+( -) +{ +( -) -}',
    quotations: ['string "}"', 'string `(`', "string '['", 'comment /* { */'],
  },
  {
    languageId: 'java',
    text: 'class A { void f() { g("}", \'(\'); /* [ */ } }',
    marks: '+{ +( -) +{ +( -) -} -}',
    quotations: ['string "}"', "string '('", 'comment /* [ */'],
  },
  {
    languageId: 'javascript',
    text: 'f({ a: [1, `x${g(2)}(`, "]"] }); // (',
    marks: '+( +{ +[ +${ +( -) -} -] -} -)',
    quotations: ['string `x${g(2)}(`', 'code ${g(2)}', 'string "]"', 'comment // ('],
  },
  {
    languageId: 'php',
    text: '<?php f("}", [1]); // (\n$a = "x{$b}";',
    marks: '+( +[ -] -) +{ -}',
    quotations: ['string "}"', 'comment // (', 'string "x{$b}"'],
  },
  {
    languageId: 'python',
    text: 'f({"}": [1, f"x{g(2)}("]})  # (\n"""\n[\n"""\n',
    marks: '+( +{ +[ +{ +( -) -} -] -} -)',
    quotations: ['string "}"', 'string f"x{g(2)}("', 'code {g(2)}', 'comment # (', 'string """\n[\n"""'],
  },
  {
    languageId: 'ruby',
    text: 'f({ a: [1, "x#{g(2)}("] }) # (\n',
    marks: '+( +{ +[ +#{ +( -) -} -] -} -)',
    quotations: ['string "x#{g(2)}("', 'code #{g(2)}', 'comment # ('],
  },
  {
    languageId: 'rust',
    text: 'fn f() { g(["}"], \'(\'); /* [ */ } // {\n',
    marks: '+( -) +{ +( +[ -] -) -}',
    quotations: ['string "}"', "string '('", 'comment /* [ */', 'comment // {'],
  },
  {
    languageId: 'shellscript',
    text:
      'if [[ -n "$a" ]]; then\n  for b in "$(ls "${c}")"; do echo ")"; done # fi\nfi\n' +
      'case $a in\n  x) echo $((1 + 2)) ;;\nesac\n',
    marks: '+if +[[ -]] +$( +${ -} -) +do -done -fi +case +$(( -)) -esac',
    quotations: [
      'string "$a"',
      'string "$(ls "${c}")"',
      'code $(ls "${c}")',
      'string "${c}"',
      'code ${c}',
      'string ")"',
      'comment # fi',
    ],
  },
  {
    languageId: 'typescript',
    text: 'const a: [string] = [`x${f({ b: 1 })}}`]; /* ( */',
    marks: '+[ -] +[ +${ +( +{ -} -) -} -]',
    quotations: ['string `x${f({ b: 1 })}}`', 'code ${f({ b: 1 })}', 'comment /* ( */'],
  },
  {
    languageId: 'typescriptreact',
    text: 'const a = <p id="(">{f(1)}<br /></p>;',
    marks: '+<p id="("> +{ +( -) -} -</p>',
    quotations: ['string "("'],
  },
];

describe('the shape of code', () => {
  it.each(samples)(
    'has marks outside of strings and comments in $languageId',
    async ({ languageId, text, marks, quotations }) => {
      const shape = await shapeOf(languageId, text);
      expect(shapeText(text, shape)).toEqual({ marks, quotations });
      expect(shape.errorCount).toBe(0);
    },
  );

  it('is read with every grammar that ships', () => {
    const read = samples.map(({ languageId }) => grammarOf(languageId)?.name);
    expect(read.toSorted()).toEqual([...grammarNames].toSorted());
  });

  it.each([
    ['python', 'a = [1]\nb = """\n(\n', '+[ -]', '"""\n(\n'],
    ['typescript', 'const a = [1];\nconst b = `\n(\n', '+[ -]', '`\n(\n'],
    [
      'typescript',
      'const a = [1];\nconst b = `\nUse: run [file\n\nf();\n',
      '+[ -]',
      '`\nUse: run [file\n\nf();\n',
    ],
    ['typescriptreact', 'const a = [1];\nconst b = `\n<div>\n  foo(\n', '+[ -]', '`\n<div>\n  foo(\n'],
  ])('has a string of several lines that nothing ends, to the end of the text: %s %j', async (...row) => {
    const [languageId, text, marks, string] = row;
    const shape = await shapeOf(languageId, text);
    expect(shapeText(text, shape)).toEqual({ marks, quotations: [`string ${string}`] });
    expect(shape.errorCount).toBeGreaterThan(0);
  });

  it('counts errors of the whole text where only a part is read', async () => {
    const text = 'f(1);\ng(;\nh([2]);\n';
    const from = text.indexOf('h(');
    const shape = (await shippedShapes.of('typescript'))(text, { from, to: text.length });
    expect(shape?.errorCount).toBe(1);
    expect(shape?.marks.filter(({ at }) => at < text.indexOf('g('))).toEqual([]);
    expect(shape?.marks.filter(({ at }) => at >= from)).toHaveLength(4);
  });
});
