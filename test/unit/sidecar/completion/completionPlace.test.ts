import { describe, expect, it } from 'vitest';
import { placeAt } from '../../../support/completion/places.ts';
import { shippedShapes } from '../../../support/machine/shippedGrammars.ts';

describe('how far a completion reaches', () => {
  it.each([
    ['def f():|\n', 'multiLine'],
    ['if (x) {|\n}', 'multiLine'],
    ['\t\t|\n', 'multiLine'],
    ['x = |\n', 'statement'],
    ['f(|)', 'betweenHalves'],
    ['    |pass\n', 'statement'],
  ])('is chosen without a grammar: %j', (marked, expected) => {
    expect(placeAt(marked).reach).toBe(expected);
  });

  it.each([
    ['typescript', 'f(); // to do|\n', 'singleLine'],
    ['typescript', 'const x = a ? b :|\n', 'statement'],
    ['typescript', 'switch (x) {\n  case 1:|\n}\n', 'multiLine'],
    ['typescript', 'list.map((x) =>|\n);\n', 'multiLine'],
    ['python', 'x = {\n    "key":|\n}\n', 'statement'],
    ['python', '# do this:|\n', 'singleLine'],
    ['python', 'for x in y:|\n', 'multiLine'],
    ['shellscript', 'if true; then|\nfi\n', 'multiLine'],
    ['html', '<div>|</div>\n', 'betweenHalves'],
  ])('is chosen by the grammar of %s: %j', async (languageId, marked, expected) => {
    const read = await shippedShapes.of(languageId);
    expect(placeAt(marked, { languageId, read }).reach).toBe(expected);
  });

  it('is the setting’s where that says so', () => {
    expect(placeAt('x = |', { multiline: 'always' }).reach).toBe('multiLine');
    expect(placeAt('def f():|', { multiline: 'never' }).reach).toBe('singleLine');
  });
});
