import { describe, expect, it } from 'vitest';
import { askedEdit, editsOfAnswer } from '../../../../sidecar/edits/askedEdit.ts';
import { fewTests, hasEnoughTests, mostTests } from '../../../../sidecar/edits/fewTests.ts';
import { withEdits } from '../../../../sidecar/edits/rangeEdits.ts';
import { pythonEdit } from '../../../support/edits/pythonEdit.ts';

const whole = { isWhole: true };
const cutOff = { isWhole: false };

const pythonTest = (name: string | number): string =>
  `def test_add_${name}():\n    assert add(1, ${name}) == 3\n`;
const scriptTest = (name: string | number, lead = ''): string =>
  `${lead}test('adds ${name}', () => {\n${lead}  expect(add(1, ${name})).toBe(3);\n${lead}});\n`;
const numbered = (count: number, write: (place: number) => string): string =>
  Array.from({ length: count }, (_, place) => write(place)).join('\n');
const rows = (count: number): string =>
  Array.from({ length: count }, (_, row) => `        ("a b", ${row}, ["a"${', "b"'.repeat(row)}]),\n`).join(
    '',
  );

describe('tests that are wanted', () => {
  it('are those before one too many', () => {
    const wanted = numbered(mostTests, pythonTest);
    expect(fewTests(wanted, whole)).toBe(wanted);
    expect(fewTests(`${wanted}\n# Zero.\n@mark\n${pythonTest(9)}`, whole)).toBe(wanted.trimEnd());
  });

  it('are those before one that has the name of another', () => {
    expect(fewTests(`${pythonTest(1)}\n${pythonTest(2)}\n${pythonTest(1)}`, whole)).toBe(
      `${pythonTest(1)}\n${pythonTest(2)}`.trimEnd(),
    );
    const script = `${scriptTest(1)}\n${scriptTest(1)}`;
    expect(fewTests(script, whole)).toBe(scriptTest(1).trimEnd());
  });

  it('are closed with what is around them', () => {
    const head = "describe('add (two)', () => {\n";
    const inside = numbered(mostTests + 1, (place) => scriptTest(place, '  '));
    const wanted = numbered(mostTests, (place) => scriptTest(place, '  '));
    expect(fewTests(`${head}${inside}});\n`, whole)).toBe(`${head}${wanted}});`);
  });

  it('go without the last one where the model did not end it', () => {
    expect(fewTests(`${pythonTest(1)}\n${pythonTest(2)}`, cutOff)).toBe(pythonTest(1).trimEnd());
    expect(fewTests(pythonTest(1), cutOff)).toBe('');
    expect(fewTests('tests = [', cutOff)).toBe('');
  });

  it('have a few of the lines that one repeats, each of which is whole', () => {
    const asserts = (count: number): string =>
      Array.from({ length: count }, (_, place) => `    assert add(${place}, 1) == ${place + 1}\n`).join('');
    const usual = `def test_add():\n${asserts(7)}`;
    expect(fewTests(usual, whole)).toBe(usual);
    expect(fewTests(`def test_add():\n${asserts(12)}`, whole)).toBe(
      `def test_add():\n${asserts(5)}`.trimEnd(),
    );
    const expects = '  expect(add(1, 2)).toBe(3);\n'.repeat(9);
    expect(fewTests(`test('adds', () => {\n${expects}});`, whole)).toBe(
      `test('adds', () => {\n${expects.split('\n').slice(0, 5).join('\n')}\n});`,
    );
  });

  it('go without one that repeats the rows of a list', () => {
    const endless = `def test_wrap():\n    cases = [\n${rows(20)}`;
    expect(fewTests(endless, cutOff)).toBe('');
    expect(fewTests(`${pythonTest(1)}\n${endless}`, cutOff)).toBe(pythonTest(1).trimEnd());
  });

  it('are as they were written where no test is known by its form', () => {
    const rust = '#[test]\nfn adds() {\n    assert_eq!(add(1, 2), 3);\n}\n'.repeat(9);
    expect(fewTests(rust, whole)).toBe(rust);
  });
});

describe('tests that are being written', () => {
  const written = (code: string): string => `Here they are:\n\n\`\`\`python\n${code}`;

  it('are enough when one more begins, or one repeats', () => {
    const wanted = written(numbered(mostTests, pythonTest));
    expect(hasEnoughTests(wanted)).toBe(false);
    expect(hasEnoughTests(`${wanted}\ndef test_add_9():\n`)).toBe(true);
    expect(hasEnoughTests(written(`${pythonTest(1)}\ndef test_add_1():\n`))).toBe(true);
    expect(hasEnoughTests(written(`def test_wrap():\n    cases = [\n${rows(7)}`))).toBe(false);
    expect(hasEnoughTests(written(`def test_wrap():\n    cases = [\n${rows(8)}`))).toBe(true);
  });

  it('are not judged by code that is no test, or is not there yet', () => {
    expect(hasEnoughTests('I will write tests.\n')).toBe(false);
    expect(hasEnoughTests(written(`words = [\n${rows(20)}]\n`))).toBe(false);
  });
});

describe('an answer with tests', () => {
  const end = { line: 5, character: 0 };
  const asked = askedEdit(pythonEdit({ kind: 'tests', instruction: '', range: { start: end, end } }));

  it('is placed up to the last whole test, also where it was cut off', () => {
    const answer = `\`\`\`python\n${pythonTest(1)}\n${pythonTest(2)}\ndef test_add_1():\n`;
    const { edits, noEdit } = editsOfAnswer(asked, answer);
    expect(noEdit).toBe(null);
    const added = `${pythonTest(1)}\n${pythonTest(2)}`.replaceAll('\n', '\r\n');
    expect(withEdits(asked.document.text, edits)).toBe(`${asked.document.text}\r\n\r\n${added}`);
  });

  it('changes nothing where no test is whole', () => {
    expect(editsOfAnswer(asked, '```python\ndef test_add():\n    assert add(')).toEqual({
      edits: [],
      noEdit: 'cutOff',
    });
    expect(editsOfAnswer(asked, 'No tests.')).toEqual({ edits: [], noEdit: 'noCode' });
  });
});
