import { describe, expect, it } from 'vitest';
import type { Attachment } from '../../../../protocol/attachment.ts';
import { type AskedPlace, AskedSelections } from '../../../../extension/edits/askedSelections.ts';
import { EditedDocument } from '../../../support/edits/editedDocument.ts';

/** First line and column, last line and column; from 0. */
type Span = readonly [number, number, number, number];

const uri = 'file:///a.txt';

/** A document of which a question was asked, and what the user types afterwards. */
class AskedDocument {
  readonly selections = new AskedSelections();
  readonly #document: EditedDocument;

  constructor(text: string) {
    this.#document = new EditedDocument(text);
  }

  get text(): string {
    return this.#document.text;
  }

  /** What goes along where the whole file does: nothing is remembered of it. */
  file(): Attachment {
    return { languageId: 'plaintext', path: 'a.txt', text: this.text };
  }

  select(...span: Span): Attachment {
    const range = rangeOf(span);
    const { lines, text } = this.#document;
    const selected = lines.slice(range.start.line, range.end.line + 1);
    selected.push((selected.pop() ?? '').slice(0, range.end.character));
    const code = selected.join(this.#document.lineEnd).slice(range.start.character);
    const attachment = { languageId: 'plaintext', path: 'a.txt', text: code };
    this.selections.add({ attachment, uri, text, range });
    return attachment;
  }

  type(newText: string, ...span: Span): void {
    this.selections.follow(uri, this.#document.apply([{ range: rangeOf(span), newText }]));
  }

  place(...attachments: readonly Attachment[]) {
    return this.selections.placeIn({ uri, text: this.text }, [attachments]);
  }
}

describe('the selection that a question was about', () => {
  const twins = 'a {\n  run();\n}\nb {\n  run();\n}\n';

  it('is where it has moved to', () => {
    const document = new AskedDocument('one\ntwo\nthree\n');
    const asked = document.select(1, 0, 2, 0);
    document.type('zero\n', 0, 0, 0, 0);
    expect(document.place(asked)).toEqual(at(2, 0, 3, 0));
  });

  it.each<[string, Span, AskedPlace]>([
    ['a line', [4, 0, 5, 0], at(5, 0, 6, 0)],
    ['a part of a line', [4, 2, 4, 7], at(5, 2, 5, 7)],
    ['parts of two lines', [4, 2, 5, 1], at(5, 2, 6, 1)],
  ])('is the right one where the file has its text twice: %s', (_what, span, expected) => {
    for (const text of [twins, twins.replaceAll('\n', '\r\n')]) {
      const document = new AskedDocument(text);
      const asked = document.select(...span);
      document.type('// Twice.\n', 0, 0, 0, 0);
      expect(document.place(asked)).toEqual(expected);
      document.type('b2 {\n  run();\n', 4, 0, 4, 0);
      expect(document.place(asked)).toEqual(at(span[0] + 3, span[1], span[2] + 3, span[3]));
    }
  });

  it('is the right one of several by the lines around it where the whole text was replaced', () => {
    const document = new AskedDocument(twins);
    const asked = document.select(4, 0, 5, 0);
    document.type(`// Twice.\n${twins}`, 0, 0, 6, 0);
    expect(document.place(asked)).toEqual(at(5, 0, 6, 0));
  });

  it('is lost where its lines were changed, also where others have its text', () => {
    const document = new AskedDocument(twins);
    const asked = document.select(4, 0, 5, 0);
    document.type('walk', 4, 2, 4, 5);
    expect(document.place(asked)).toEqual({ type: 'lost', why: 'changed' });
    document.type('run', 4, 2, 4, 6);
    expect(document.place(asked)).toEqual(at(4, 0, 5, 0));
    document.type('', 4, 0, 5, 0);
    expect(document.place(asked)).toEqual({ type: 'lost', why: 'changed' });
  });

  it.each<[string, Span, string, Span]>([
    ['a comment', [1, 0, 2, 0], '# ', [1, 0, 1, 0]],
    ['the end of a longer line', [1, 0, 2, 0], 'forty-', [1, 0, 1, 0]],
    ['the beginning of a longer line', [1, 0, 1, 3], ' more', [1, 3, 1, 3]],
    ['a part of a word', [1, 1, 1, 3], 't', [1, 3, 1, 3]],
  ])('is lost where its text is in a line that was made %s', (_what, span, typed, where) => {
    const document = new AskedDocument('one\ntwo\nthree\n');
    const asked = document.select(...span);
    document.type(typed, ...where);
    expect(document.place(asked)).toEqual({ type: 'lost', why: 'changed' });
  });

  it('is found by its text where it was cut and pasted, or is in a line that was changed', () => {
    const document = new AskedDocument('one\ntwo\nthree\n');
    const asked = document.select(1, 0, 2, 0);
    document.type('', 1, 0, 2, 0);
    expect(document.place(asked)).toEqual({ type: 'lost', why: 'changed' });
    document.type('two\n', 2, 0, 2, 0);
    expect(document.place(asked)).toEqual(at(2, 0, 3, 0));
    document.type('two\n', 0, 0, 0, 0);
    expect(document.place(asked)).toEqual({ type: 'lost', why: 'ambiguous' });

    const inLine = new AskedDocument('const a = f(1);\r\nlet b;\r\n');
    const part = inLine.select(0, 10, 0, 14);
    inLine.type('let', 0, 0, 0, 5);
    expect(inLine.place(part)).toEqual(at(0, 8, 0, 12));
  });

  it('is looked for by its text where its document was closed, or many were selected since', () => {
    const document = new AskedDocument('one\ntwo\nthree\n');
    const asked = document.select(1, 0, 2, 0);
    document.selections.lose(uri);
    document.type('zero\n', 0, 0, 0, 0);
    expect(document.place(asked)).toEqual(at(2, 0, 3, 0));

    const many = new AskedDocument(twins);
    const first = many.select(1, 0, 2, 0);
    for (let count = 0; count < 50; count++) many.select(0, 0, 1, 0);
    many.type('x\n', 1, 0, 1, 0);
    expect(many.place(first)).toEqual(at(2, 0, 3, 0));
    many.type('y\n', 3, 0, 3, 0);
    expect(many.place(first)).toEqual({ type: 'lost', why: 'ambiguous' });
  });

  it('is the last one of this document', () => {
    const document = new AskedDocument(twins);
    const [first, last] = [document.select(1, 0, 2, 0), document.select(4, 0, 5, 0)];
    expect(document.place(first, last, document.file())).toEqual(at(4, 0, 5, 0));
    const other = { uri: 'file:///b.txt', text: twins };
    expect(document.selections.placeIn(other, [[last]])).toEqual({ type: 'notAsked' });
  });

  it('is that of the question that another follows on, which came with none of this document', () => {
    const document = new AskedDocument(twins);
    const [first, last] = [document.select(1, 0, 2, 0), document.select(4, 0, 5, 0)];
    const source = { uri, text: twins };
    expect(document.selections.placeIn(source, [[document.file()], [], [last], [first]])).toEqual(
      at(4, 0, 5, 0),
    );
  });
});

describe('a question about a whole file', () => {
  it.each<[string, string, Span]>([
    ['as it is', '', [0, 0, 0, 0]],
    ['with lines added to its end', 'c\n', [2, 0, 2, 0]],
    ['with a letter typed in it', 'x', [0, 1, 0, 1]],
  ])('has no place for code in the file %s', (_what, typed, span) => {
    const document = new AskedDocument('a\nb\n');
    const selected = document.select(0, 0, 1, 0);
    const asked = document.file();
    document.type(typed, ...span);
    expect(document.place(asked)).toEqual({ type: 'notAsked' });
    // A selection is remembered, so this says something.
    expect(document.place(selected).type).not.toBe('notAsked');
  });

  it.each<[string, Span]>([
    ['all of it', [0, 0, 2, 0]],
    ['all but the last line end', [0, 0, 1, 1]],
    ['blanks', [0, 1, 1, 0]],
  ])('is one with a selection of %s, too', (_what, span) => {
    const document = new AskedDocument('a\nb\n');
    const asked = document.select(...span);
    document.type('c\n', 2, 0, 2, 0);
    expect(document.place(asked)).toEqual({ type: 'notAsked' });
  });

  it('has the place of the selection that went along with it', () => {
    const document = new AskedDocument('a\nb\n');
    const [file, asked] = [document.file(), document.select(1, 0, 2, 0)];
    document.type('c\n', 2, 0, 2, 0);
    expect(document.place(file, asked)).toEqual(at(1, 0, 2, 0));
  });
});

function rangeOf([startLine, startColumn, endLine, endColumn]: Span) {
  return {
    start: { line: startLine, character: startColumn },
    end: { line: endLine, character: endColumn },
  };
}

function at(...span: Span): AskedPlace {
  return { type: 'found', range: rangeOf(span) };
}
