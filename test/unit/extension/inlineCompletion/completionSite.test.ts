import { TextDocument } from 'vscode-languageserver-textdocument';
import { describe, expect, it } from 'vitest';
import {
  type CompletionSite,
  fitsAllCursors,
  hasWindow,
  placeOffer,
  type ReadDocument,
  windowAt,
} from '../../../../extension/inlineCompletion/completionSite.ts';
import { anchorOf, windowReach } from '../../../../extension/inlineCompletion/cursorWindow.ts';
import { remaining, typedSince } from '../../../../extension/inlineCompletion/typeThrough.ts';

interface Site {
  readonly document: TextDocument;
  readonly read: ReadDocument;
  readonly site: CompletionSite;
}

/** A document with the cursor at `|`; an entry that is selected takes the place of what is between `‹` and `›`. */
function siteOf(marked: string, entry?: string): Site {
  const text = marked.replaceAll(/[|‹›]/g, '');
  const document = TextDocument.create('file:///a.ts', 'typescript', 1, text);
  const read: ReadDocument = {
    uri: document.uri,
    languageId: document.languageId,
    lineEnd: '\n',
    offsetAt: (position) => document.offsetAt(position),
    textBetween: (from, to) =>
      document.getText({ start: document.positionAt(from), end: document.positionAt(to) }),
  };
  const at = (mark: string) =>
    document.positionAt(marked.slice(0, marked.indexOf(mark)).replaceAll(/[|‹›]/g, '').length);
  const selected = entry === undefined ? null : { range: { start: at('‹'), end: at('›') }, text: entry };
  return { document, read, site: { position: at('|'), selected } };
}

/** The document once an offer at the site was accepted. */
function accepted({ document, read, site }: Site, text: string, replacedLength = 0): string {
  const { insertText, range } = placeOffer({ text, replacedLength }, site, read);
  return TextDocument.applyEdits(document, [{ range, newText: insertText }]);
}

describe('a completion beside a list of suggestions', () => {
  it.each([
    ['of the letters typed', 'if (list.‹le›|)', 'length'],
    ['of some of its letters', 'if (list.‹lgh›|)', 'length'],
    ['of another case', 'if (list.‹LEN›|)', 'length'],
    ['of letters on both sides of the cursor', 'if (list.‹le|ng›)', 'length'],
    ['that replaces the dot too', 'if (list‹.le›|)', '?.length'],
  ])('begins with an entry %s, at its range', (_what, marked, entry) => {
    const at = siteOf(marked, entry);
    const { selected } = at.site;
    const { insertText, range } = placeOffer({ text: ' > 0', replacedLength: 0 }, at.site, at.read);
    expect(insertText).toBe(`${entry} > 0`);
    expect(range).toEqual(selected?.range);
    expect(accepted(at, ' > 0')).toBe(`if (list${entry.startsWith('?') ? '' : '.'}${entry} > 0)`);
  });

  it('is looked for as if the entry were in the document', () => {
    const { read, site } = siteOf('if (list.‹LE›|) {\n', 'length');
    const applied = siteOf('if (list.length|) {\n');
    const { before, after } = windowAt(applied.read, applied.site);
    expect(windowAt(read, site)).toMatchObject({ before, after });
  });

  it('replaces the rest of the line where the text says it again', () => {
    const at = siteOf('foo(list.‹le›|);\n', 'length');
    expect(placeOffer({ text: ', 1);', replacedLength: 2 }, at.site, at.read).range.end).toEqual({
      line: 0,
      character: 13,
    });
    expect(accepted(at, ', 1);', 2)).toBe('foo(list.length, 1);\n');
  });

  it.each([
    [2, [');', ');'], true],
    [2, [');', '); // more'], true],
    [2, [');', ')'], false],
    [0, [');', ', c);'], true],
    [2, [], true],
  ])('with %d units replaced, fits cursors before %j: %s', (replacedLength, rests, expected) => {
    expect(fitsAllCursors({ text: 'a);', replacedLength }, rests)).toBe(expected);
  });

  it.each([
    ['foo(|);\n', 2, true],
    ['foo(|);\r\n', 2, true],
    ['foo(|);', 2, true],
    // The cursor would go past the blanks.
    ['foo(|);  \n', 2, false],
    // A closer that the editor has added in the midst of a line.
    ['foo(|) + 1;\n', 1, false],
    ['foo(a);|\n', 0, false],
  ])('in %j with %d units replaced, reaches to the line’s end: %s', (marked, replacedLength, expected) => {
    const at = siteOf(marked);
    const { replacesToLineEnd } = placeOffer({ text: 'a);', replacedLength }, at.site, at.read);
    expect(replacesToLineEnd).toBe(expected);
  });
});

/** What is left of a text that was offered at one site, at another. */
function left(text: string, from: Site, to: Site): string | null {
  const anchor = anchorOf(windowAt(from.read, from.site), 0);
  for (const typed of typedSince(anchor, windowAt(to.read, to.site))) {
    const rest = remaining(text, typed);
    if (rest !== null) return rest.text;
  }
  return null;
}

describe('a completion that was found before the list opened', () => {
  const shown = siteOf('if (list.le|)');

  it('goes on after an entry that agrees with it', () => {
    const now = siteOf('if (list.‹le›|)', 'length');
    const rest = left('ngth > 0', shown, now);
    expect(rest).toBe(' > 0');
    expect(accepted(now, rest ?? '')).toBe('if (list.length > 0)');
  });

  it.each([
    ['another entry is selected', 'if (list.‹le›|)', 'left'],
    ['the entry is all that it says', 'if (list.‹le›|)', 'length > 0'],
    ['the entry is written in another case', 'if (list.‹le›|)', 'Length'],
  ])('is not used when %s', (_what, marked, entry) => {
    expect(left('ngth > 0', shown, siteOf(marked, entry))).toBeNull();
  });

  it('goes on at the cursor once the list is closed', () => {
    const selected = siteOf('if (list.‹le›|)', 'length');
    expect(left(' > 0', selected, siteOf('if (list.length |)'))).toBe('> 0');
  });
});

it('windows reach as far with an entry as without one', () => {
  const { read, site } = siteOf(`${'a'.repeat(9000)}‹b›|${'c'.repeat(9000)}`, 'length');
  const { before, after } = windowAt(read, site);
  expect([before.length, after.length]).toEqual([windowReach.before + 'length'.length, windowReach.after]);
  expect(before.endsWith('alength')).toBe(true);
});

describe('the window of a cursor', () => {
  it.each([
    ['with an entry selected', 'if (list.‹le›|) {}\n', 'length'],
    ['without', 'if (list.|) {}\n', undefined],
  ])('is still there until the text around it or the cursor is another, %s', (_what, marked, entry) => {
    const { document, read, site } = siteOf(marked, entry);
    const window = windowAt(read, site);
    expect(hasWindow(read, site.position, window)).toBe(true);
    expect(hasWindow(read, { line: 0, character: 3 }, window)).toBe(false);
    expect(hasWindow({ ...read, uri: 'file:///b.ts' }, site.position, window)).toBe(false);
    TextDocument.update(document, [{ range: { start: site.position, end: site.position }, text: 'x' }], 2);
    expect(hasWindow(read, site.position, window)).toBe(false);
  });
});
