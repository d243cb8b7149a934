import { describe, expect, it } from 'vitest';
import { askedEdit, editsOfAnswer } from '../../../../sidecar/edits/askedEdit.ts';
import { withEdits } from '../../../../sidecar/edits/rangeEdits.ts';
import { testsAlone } from '../../../../sidecar/edits/writtenTests.ts';
import { pythonEdit } from '../../../support/edits/pythonEdit.ts';

const python = { path: 'src/sums.py', languageId: 'python', text: 'def add(a, b):\n    return a + b\n' };
const script = {
  path: 'sums.ts',
  languageId: 'typescript',
  text: 'export function add(a: number, b: number): number {\n  return a + b;\n}\n',
};
const pythonTest = 'def test_add():\n    assert add(1, 2) == 3';
const scriptTest = "test('add', () => {\n  expect(add(1, 2)).toBe(3);\n});";

describe('tests that a model wrote', () => {
  it.each([
    ['the code that is tested', `${python.text}\n\n${pythonTest}`, python, pythonTest],
    ['an import from the file', `from sums import add\n\n${pythonTest}`, python, pythonTest],
    ['an import by its folder', `from src.sums import add\n${pythonTest}`, python, pythonTest],
    ['the code in braces', `${script.text}\n${scriptTest}`, script, scriptTest],
    ['an import of several lines', `from sums import (\n    add,\n)\n\n${pythonTest}`, python, pythonTest],
    [
      'a script’s import of several lines',
      `import {\n  add,\n} from './sums';\n\n${scriptTest}`,
      script,
      scriptTest,
    ],
    ['an import of a script', `import { add } from './sums';\n\n${scriptTest}`, script, scriptTest],
    [
      'an import of a script in another folder',
      `import { add } from '../src/sums.js';\n${scriptTest}`,
      script,
      scriptTest,
    ],
  ])('go without %s', (_what, code, file, expected) => {
    expect(testsAlone(code, file)).toBe(expected);
  });

  it('keep all other imports and definitions', () => {
    const code = `import unittest\nfrom checksums import add_all\n\n\nclass TestAdd(unittest.TestCase):\n    pass`;
    expect(testsAlone(code, python)).toBe(code);
    const imported = `import { expect, test } from 'vitest';\n\n${scriptTest}`;
    expect(testsAlone(imported, script)).toBe(imported);
    const other = `import { x } from './my-sums';\nconst y = require('../lib/my-sums.js');\n\n${scriptTest}`;
    expect(testsAlone(other, script)).toBe(other);
    const wide = `import {\n  expect,\n  test,\n} from 'vitest';\n\n${scriptTest}`;
    expect(testsAlone(wide, script)).toBe(wide);
  });

  it('are put after blank lines at the end of the file, with its line ends', () => {
    const { document } = pythonEdit();
    const end = { line: 5, character: 0 };
    const asked = askedEdit(pythonEdit({ kind: 'tests', instruction: '', range: { start: end, end } }));
    const { edits } = editsOfAnswer(asked, `\`\`\`python\nfrom sums import add\n\n${pythonTest}\n\`\`\``);
    const lines = pythonTest.replaceAll('\n', '\r\n');
    expect(withEdits(document.text, edits)).toBe(`${document.text}\r\n\r\n${lines}\r\n`);
  });
});
