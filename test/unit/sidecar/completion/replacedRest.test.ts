import { describe, expect, it } from 'vitest';
import { insertedText } from '../../../../protocol/insertedText.ts';
import { finishCompletion } from '../../../../sidecar/completion/finishCompletion.ts';
import { placeAt } from '../../../support/completion/places.ts';
import { shippedShapes } from '../../../support/machine/shippedGrammars.ts';

const read = await shippedShapes.of('typescript');

/** The document after accepting what is made of `generated` at the `|`, with the cursor where it then is. */
function accepted(marked: string, generated: string, wasTruncated = false): string {
  const { text, replacedLength } = finishedAt(marked, generated, wasTruncated);
  const [before = '', after = ''] = marked.split('|');
  return `${before}${text}|${after.slice(replacedLength)}`;
}

/** What is made of `generated` at the `|`. Throws where nothing is offered. */
function finishedAt(marked: string, generated: string, wasTruncated = false) {
  const place = placeAt(marked, { languageId: 'typescript', read });
  const finished = finishCompletion(place.cursor.regenerated + generated, place, { wasTruncated });
  if (finished.type === 'suppressed') throw new Error(`Nothing is offered: ${finished.reason}.`);
  return finished;
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
  ])('is replaced: %s', (_what, marked, generated, document) => {
    expect(accepted(marked, generated)).toBe(document);
  });

  it.each([
    ['the model wrote none of it', 'foo(|);\n', 'a\n', 'foo(a|);\n'],
    ['it has a word that the model did not write', 'foo(|, c);\n', 'a, b);\n', 'foo(a, b|, c);\n'],
    ['the model went on in the line', 'foo(|);\n', 'a) + b;\n', 'foo(a|);\n'],
    ['lines end otherwise', 'bar()\nfoo(|)\n', 'a);\n', 'bar()\nfoo(a|)\n'],
    ['the model wrote a part of it', 'f(g(|));\n', 'a)\n', 'f(g(a|));\n'],
    ['the text is a line above', 'a();\n|b();\n', 'c();\nb();\n', 'a();\nc();\n|b();\n'],
  ])('stays where it is when %s', (_what, marked, generated, document) => {
    expect(accepted(marked, generated)).toBe(document);
  });

  it.each([
    ['foo(|);\nbar();\n', 'a, b);\n', 'a, b'],
    ['bar();\nfoo(|)\n', 'a);\n', 'a'],
    ['foo(|);\n', 'a\n', 'a'],
  ])('is apart from what is put before it: %s', (marked, generated, inserted) => {
    const { text, replacedLength } = finishedAt(marked, generated);
    expect(insertedText({ text, replacedLength }, marked.split('|')[1] ?? '')).toBe(inserted);
  });

  it('has a comma added only where lines beside it end so', () => {
    expect(accepted('[\n  x,\n  foo(|)\n];\n', 'a),\n')).toBe('[\n  x,\n  foo(a),|\n];\n');
    expect(accepted('b = [\n  x,\n];\nfoo(|)\n', 'a),\n')).toBe('b = [\n  x,\n];\nfoo(a|)\n');
  });

  it('stays where it is when the token limit may have broken the line off', () => {
    expect(accepted('foo(|);\n', 'a);', true)).toBe('foo(a|);\n');
    expect(accepted('foo(|);\n', 'a);\nb', true)).toBe('foo(a);|\n');
  });
});
