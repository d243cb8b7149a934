import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finishCompletion } from '../../../../sidecar/completion/finishCompletion.ts';
import { inDocumentIndent } from '../../../../sidecar/completion/indentation.ts';
import { placeAt } from '../../../support/completion/places.ts';
import { shippedShapes } from '../../../support/machine/shippedGrammars.ts';
import { indentRows } from './indentRows.ts';

for (const [languageId, rows] of Object.entries(indentRows)) {
  describe(`indentation in ${languageId}`, () => {
    it.each(rows)('$name', async ({ document, generated, inserted, formatting }) => {
      const read = await shippedShapes.of(languageId);
      const place = placeAt(document, { mark: '‸', languageId, read, formatting, insertsOnly: true });
      const finished = finishCompletion(place.cursor.regenerated + generated, place, { wasTruncated: false });
      expect(finished.type === 'text' ? finished.text : finished.reason).toBe(inserted);
    });
  });
}

describe('a text in the document’s indentation', () => {
  const tabbed = 'function a() {\n\tb();\n}\nfunction d() {\n\tif (e) {|\n}\n';
  const documents = [
    'function a() {\n  if (b) {\n    c();\n  }\n}\nfunction d() {|}\n',
    tabbed,
    'function a() {\n    b();\n}\n|\n',
  ];
  const line = fc
    .tuple(
      fc.stringMatching(/^(?: {0,9}|\t{0,2} ?)$/),
      fc.constantFrom('', 'f();', 'if (g) {', '}', '* h', '`'),
    )
    .map((parts) => parts.join(''));
  const lines = fc.array(line, { minLength: 1, maxLength: 8 });

  it('has the lines of a shorter text, and nothing but other white space at their beginnings', () => {
    fc.assert(
      fc.property(fc.constantFrom(...documents), lines, fc.nat(7), (document, written, count) => {
        const place = placeAt(document, { languageId: 'typescript' });
        const whole = inDocumentIndent(written.join('\n'), place).text.split('\n');
        const part = inDocumentIndent(written.slice(0, count + 1).join('\n'), place).text.split('\n');
        expect(part).toEqual(whole.slice(0, count + 1));
        expect(whole.map((each) => each.trimStart())).toEqual(written.map((each) => each.trimStart()));
      }),
    );
  });

  it('knows of each character which one it was', () => {
    fc.assert(
      fc.property(fc.constantFrom(...documents), lines, (document, written) => {
        const text = written.join('\n');
        const indented = inDocumentIndent(text, placeAt(document, { languageId: 'typescript' }));
        for (const { index, 0: character } of indented.text.matchAll(/\S/g)) {
          expect(text.charAt(indented.generatedLength(index + 1) - 1)).toBe(character);
        }
        expect(indented.generatedLength(indented.text.length)).toBe(text.length);
      }),
    );
  });

  // In a document of blanks, a line may be read as a step or as aligned by how many blanks there are: the second reading can differ.
  it('is the text itself once it is in it, in a document of tabs', () => {
    const place = placeAt(tabbed, { languageId: 'typescript' });
    fc.assert(
      fc.property(lines, (written) => {
        const once = inDocumentIndent(`\n${written.filter((each) => each !== '`').join('\n')}`, place).text;
        expect(inDocumentIndent(once, place).text).toBe(once);
      }),
    );
  });
});
