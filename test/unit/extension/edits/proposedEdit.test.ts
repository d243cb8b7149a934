import { describe, expect, it } from 'vitest';
import { linesOf, textEditOf } from '../../../../extension/edits/documentLines.ts';
import { lineDiff } from '../../../../extension/edits/lineDiff.ts';
import { ProposedEdit } from '../../../../extension/edits/proposedEdit.ts';
import { EditedDocument } from '../../../support/edits/editedDocument.ts';

/** First line and column, last line and column, new text; from 0. */
type Typed = readonly [number, number, number, number, string];

interface Script {
  readonly name: string;
  /** The document that the model was asked about. */
  readonly text: string;
  /** What the model proposes, as ranges of that document. */
  readonly proposed: readonly Typed[];
  readonly typedWhileWriting?: readonly Typed[];
  /** Once the edit is shown. */
  readonly typedLater?: readonly Typed[];
  /** Hunks that are accepted, one step each; all at once unless given. */
  readonly accepted?: readonly number[];
  /** The document in the end, or why an accept was refused: it then has only what the user typed. */
  readonly expected: string | { readonly refused: 'changed' | 'ambiguous' };
}

const python = 'import os\n\n\ndef one():\n    return 1\n\n\ndef two():\n    return 2\n';
/** Two functions whose bodies and neighbours are the same. */
const twins = 'function a() {\n  run();\n}\n\nfunction b() {\n  run();\n}\n';
const tabs = 'func main() {\n\tif ok {\n\t\trun()\n\t}\n}\n';
const crlf = (text: string): string => text.replaceAll('\n', '\r\n');

const scripts: readonly Script[] = [
  {
    name: 'replaces a line',
    text: python,
    proposed: [[4, 0, 5, 0, '    return 11\n']],
    expected: python.replace('return 1\n', 'return 11\n'),
  },
  {
    name: 'replaces the first line',
    text: python,
    proposed: [[0, 0, 1, 0, 'import sys\n']],
    expected: python.replace('import os', 'import sys'),
  },
  {
    name: 'adds lines in the middle',
    text: python,
    proposed: [[4, 0, 4, 0, '    value = 1\n']],
    expected: python.replace('    return 1\n', '    value = 1\n    return 1\n'),
  },
  {
    name: 'adds lines at the very start',
    text: python,
    proposed: [[0, 0, 0, 0, 'import sys\n']],
    expected: `import sys\n${python}`,
  },
  {
    name: 'adds lines at the very end',
    text: python,
    proposed: [[9, 0, 9, 0, '\n\ndef three():\n    return 3\n']],
    expected: `${python}\n\ndef three():\n    return 3\n`,
  },
  {
    name: 'removes lines',
    text: python,
    proposed: [[3, 0, 7, 0, '']],
    expected: 'import os\n\n\ndef two():\n    return 2\n',
  },
  {
    name: 'removes everything',
    text: 'one\ntwo',
    proposed: [[0, 0, 1, 3, '']],
    expected: '',
  },
  {
    name: 'fills an empty document',
    text: '',
    proposed: [[0, 0, 0, 0, 'one\ntwo\n']],
    expected: 'one\ntwo\n',
  },
  {
    name: 'keeps a document without a last line end without one',
    text: 'one\ntwo\nthree',
    proposed: [[2, 0, 2, 5, 'THREE']],
    expected: 'one\ntwo\nTHREE',
  },
  {
    name: 'adds after a last line that has no end',
    text: 'one\ntwo',
    proposed: [[1, 3, 1, 3, '\nthree']],
    expected: 'one\ntwo\nthree',
  },
  {
    name: 'removes the last line of a document without a last line end',
    text: 'one\ntwo\nthree',
    proposed: [[1, 3, 2, 5, '']],
    expected: 'one\ntwo',
  },
  {
    name: 'keeps CRLF where the model is given it',
    text: crlf(python),
    proposed: [[4, 0, 5, 0, '    value = 1\r\n    return value\r\n']],
    expected: crlf(python.replace('    return 1\n', '    value = 1\n    return value\n')),
  },
  {
    name: 'keeps CRLF where the model wrote line feeds',
    text: crlf(python),
    proposed: [[4, 0, 5, 0, '    value = 1\n    return value\n']],
    expected: crlf(python.replace('    return 1\n', '    value = 1\n    return value\n')),
  },
  {
    name: 'keeps line feeds where the model wrote CRLF',
    text: python,
    proposed: [[4, 0, 5, 0, '    value = 1\r\n    return value\r\n']],
    expected: python.replace('    return 1\n', '    value = 1\n    return value\n'),
  },
  {
    name: 'adds to a CRLF document without a last line end',
    text: 'one\r\ntwo',
    proposed: [[1, 3, 1, 3, '\r\nthree']],
    expected: 'one\r\ntwo\r\nthree',
  },
  {
    name: 'takes lines typed before it into account, in a CRLF document',
    text: crlf(python),
    proposed: [[8, 0, 9, 0, '    return 22\r\n']],
    typedLater: [[0, 9, 0, 9, '\nimport sys\n']],
    expected: crlf(
      python.replace('return 2\n', 'return 22\n').replace('import os\n', 'import os\nimport sys\n\n'),
    ),
  },
  {
    name: 'refuses to add lines before a function that is gone',
    text: python,
    proposed: [[3, 0, 3, 0, '# One.\n']],
    typedLater: [[3, 0, 7, 0, '']],
    expected: { refused: 'changed' },
  },
  {
    name: 'refuses to add lines at the end of a function that is gone',
    text: python,
    proposed: [[5, 0, 5, 0, '    # One.\n']],
    typedLater: [[3, 0, 5, 0, '']],
    expected: { refused: 'changed' },
  },
  {
    name: 'refuses to add lines at the end of a function whose lines are empty now',
    text: python,
    proposed: [[5, 0, 5, 0, '    # One.\n']],
    typedLater: [[3, 0, 4, 12, '']],
    expected: { refused: 'changed' },
  },
  {
    name: 'adds lines beside others that were taken away and put back',
    text: python,
    proposed: [[3, 0, 3, 0, '# One.\n']],
    typedLater: [
      [3, 0, 7, 0, ''],
      [3, 0, 3, 0, 'def one():\n    return 1\n\n\n'],
    ],
    expected: python.replace('def one', '# One.\ndef one'),
  },
  {
    name: 'adds lines one line after others that it replaces',
    text: python,
    proposed: [
      [3, 0, 4, 0, 'def first():\n    # Begins.\n'],
      [5, 0, 5, 0, '    # Ends.\n'],
    ],
    accepted: [0, 1],
    expected: python.replace(
      'def one():\n    return 1\n',
      'def first():\n    # Begins.\n    return 1\n    # Ends.\n',
    ),
  },
  {
    name: 'keeps tabs',
    text: tabs,
    proposed: [[2, 0, 3, 0, '\t\trun()\n\t\tstop()\n']],
    expected: tabs.replace('\t\trun()\n', '\t\trun()\n\t\tstop()\n'),
  },
  {
    name: 'replaces tabs by blanks and changes nothing else',
    text: tabs,
    proposed: [[1, 0, 4, 0, '    if ok {\n        run()\n    }\n']],
    expected: 'func main() {\n    if ok {\n        run()\n    }\n}\n',
  },
  {
    name: 'changes the first of two equal texts',
    text: twins,
    proposed: [[1, 0, 2, 0, '  walk();\n']],
    expected: twins.replace('run', 'walk'),
  },
  {
    name: 'changes the second of two equal texts',
    text: twins,
    proposed: [[5, 0, 6, 0, '  walk();\n']],
    expected: 'function a() {\n  run();\n}\n\nfunction b() {\n  walk();\n}\n',
  },
  {
    name: 'changes the second of two equal texts after a third was put before them',
    text: twins,
    proposed: [[5, 0, 6, 0, '  walk();\n']],
    typedWhileWriting: [[0, 0, 0, 0, 'function c() {\n  run();\n}\n\n']],
    expected: 'function c() {\n  run();\n}\n\nfunction a() {\n  run();\n}\n\nfunction b() {\n  walk();\n}\n',
  },
  {
    name: 'changes the first of two equal texts after the second was removed',
    text: twins,
    proposed: [[1, 0, 2, 0, '  walk();\n']],
    typedLater: [[3, 0, 6, 1, '']],
    expected: 'function a() {\n  walk();\n}\n\n',
  },
  {
    name: 'does not go to the equal text once its own was changed',
    text: twins,
    proposed: [[1, 0, 2, 0, '  walk();\n']],
    typedLater: [[1, 2, 1, 5, 'jump']],
    expected: { refused: 'changed' },
  },
  {
    name: 'does not go to the equal text once its own was removed with its neighbours',
    text: twins,
    proposed: [[1, 0, 2, 0, '  walk();\n']],
    typedLater: [[0, 0, 3, 0, '']],
    expected: { refused: 'changed' },
  },
  {
    name: 'does not choose between equal blocks after all was replaced',
    text: `${twins}\n${twins}`,
    proposed: [[1, 0, 2, 0, '  walk();\n']],
    typedLater: [[0, 0, 15, 0, `${twins}\n${twins}`]],
    expected: { refused: 'ambiguous' },
  },
  {
    name: 'finds its lines again after all was replaced',
    text: python,
    proposed: [[4, 0, 5, 0, '    return 11\n']],
    typedLater: [[0, 0, 9, 0, `# A note.\n${python}`]],
    expected: `# A note.\n${python.replace('return 1\n', 'return 11\n')}`,
  },
  {
    name: 'finds the place of added lines again after all was replaced',
    text: python,
    proposed: [[4, 0, 4, 0, '    value = 1\n']],
    typedLater: [[0, 0, 9, 0, `# A note.\n${python}`]],
    expected: `# A note.\n${python.replace('    return 1\n', '    value = 1\n    return 1\n')}`,
  },
  {
    name: 'follows lines typed before it while the model writes',
    text: python,
    proposed: [[8, 0, 9, 0, '    return 22\n']],
    typedWhileWriting: [[0, 9, 0, 9, '\nimport sys']],
    expected: python.replace('return 2\n', 'return 22\n').replace('import os\n', 'import os\nimport sys\n'),
  },
  {
    name: 'follows lines removed before it',
    text: python,
    proposed: [[8, 0, 9, 0, '    return 22\n']],
    typedLater: [[0, 0, 3, 0, '']],
    expected: 'def one():\n    return 1\n\n\ndef two():\n    return 22\n',
  },
  {
    name: 'keeps what is typed after it',
    text: python,
    proposed: [[4, 0, 5, 0, '    return 11\n']],
    typedLater: [[8, 12, 8, 12, '2']],
    expected: python.replace('return 1\n', 'return 11\n').replace('return 2\n', 'return 22\n'),
  },
  {
    name: 'keeps what is typed directly above and below it',
    text: python,
    proposed: [[4, 0, 5, 0, '    return 11\n']],
    typedLater: [
      [3, 10, 3, 10, '\n    # above'],
      [6, 0, 6, 0, '    # below\n'],
    ],
    expected: python.replace('    return 1\n', '    # above\n    return 11\n    # below\n'),
  },
  {
    name: 'is refused where its line was changed while the model wrote',
    text: python,
    proposed: [[4, 0, 5, 0, '    return 11\n']],
    typedWhileWriting: [[4, 11, 4, 12, '7']],
    expected: { refused: 'changed' },
  },
  {
    name: 'is refused where a line was put into the middle of its lines',
    text: python,
    proposed: [[3, 0, 5, 0, 'def uno():\n    return 11\n']],
    typedLater: [[3, 10, 3, 10, '\n    pass']],
    expected: { refused: 'changed' },
  },
  {
    name: 'is refused where its line was joined with the one before',
    text: python,
    proposed: [[4, 0, 5, 0, '    return 11\n']],
    typedLater: [[3, 10, 4, 4, ' ']],
    expected: { refused: 'changed' },
  },
  {
    name: 'fits once a change inside it was undone',
    text: python,
    proposed: [[4, 0, 5, 0, '    return 11\n']],
    typedLater: [
      [4, 11, 4, 12, '7'],
      [4, 11, 4, 12, '1'],
    ],
    expected: python.replace('return 1\n', 'return 11\n'),
  },
  {
    name: 'is refused where the user added lines at the same place',
    text: python,
    proposed: [[4, 0, 4, 0, '    value = 1\n']],
    typedLater: [[4, 0, 4, 0, '    other = 1\n']],
    expected: { refused: 'changed' },
  },
  {
    name: 'accepts one hunk and leaves the other',
    text: python,
    proposed: [[3, 0, 9, 0, 'def uno():\n    return 1\n\n\ndef dos():\n    return 2\n']],
    accepted: [1],
    expected: python.replace('def two', 'def dos'),
  },
  {
    name: 'accepts the hunks from the last to the first',
    text: python,
    proposed: [[3, 0, 9, 0, 'def uno():\n    """One."""\n    return 1\n\n\ndef dos():\n    return 2\n']],
    accepted: [1, 0],
    expected: python.replace('def one():\n', 'def uno():\n    """One."""\n').replace('def two', 'def dos'),
  },
  {
    name: 'accepts the hunks from the first to the last, with typing before them',
    text: python,
    proposed: [[3, 0, 9, 0, 'def uno():\n    """One."""\n    return 1\n\n\ndef dos():\n    return 2\n']],
    typedLater: [[0, 0, 0, 0, '# A note.\n']],
    accepted: [0, 1],
    expected: `# A note.\n${python.replace('def one():\n', 'def uno():\n    """One."""\n').replace('def two', 'def dos')}`,
  },
  {
    name: 'applies nothing where one of two hunks does not fit',
    text: python,
    proposed: [[3, 0, 9, 0, 'def uno():\n    return 1\n\n\ndef dos():\n    return 2\n']],
    typedLater: [[7, 4, 7, 7, 'zwei']],
    expected: { refused: 'changed' },
  },
  {
    name: 'accepts the hunk that fits beside one that does not',
    text: python,
    proposed: [[3, 0, 9, 0, 'def uno():\n    return 1\n\n\ndef dos():\n    return 2\n']],
    typedLater: [[7, 4, 7, 7, 'zwei']],
    accepted: [0],
    expected: python.replace('def one', 'def uno').replace('def two', 'def zwei'),
  },
  {
    name: 'goes on at the cursor in the middle of a line',
    text: 'const total = sum(\nprint();\n',
    proposed: [[0, 18, 0, 18, 'prices,\n  taxes);']],
    expected: 'const total = sum(prices,\n  taxes);\nprint();\n',
  },
  {
    name: 'makes several edits of one document one step',
    text: python,
    proposed: [
      [0, 7, 0, 9, 'sys'],
      [4, 11, 4, 12, '11'],
      [8, 0, 9, 0, '    return 22\n'],
    ],
    expected: 'import sys\n\n\ndef one():\n    return 11\n\n\ndef two():\n    return 22\n',
  },
  {
    name: 'takes a range that ends after the document for its end',
    text: 'one\ntwo',
    proposed: [[1, 0, 2, 0, 'TWO']],
    expected: 'one\nTWO',
  },
];

describe('edits of documents that change', () => {
  it('are at least thirty', () => {
    expect(scripts.length).toBeGreaterThanOrEqual(30);
  });

  it.each(scripts)('$name', (script) => {
    const document = new EditedDocument(script.text);
    const write = (typed: readonly Typed[]) => typed.flatMap((one) => document.apply([rangeEdit(one)]));
    const base = document.lines;
    const since = write(script.typedWhileWriting ?? []);
    const edit = new ProposedEdit(base, script.proposed.map(rangeEdit), since);
    edit.follow(write(script.typedLater ?? []));
    const typedText = document.text;
    const steps = script.accepted?.map((id) => [id]) ?? [edit.openIds];
    for (const ids of steps) {
      const before = document.text;
      const taken = edit.take(ids, document.lines);
      if (taken.type === 'refused') {
        expect({ refused: taken.refused[0]?.why }).toEqual(script.expected);
        continue;
      }
      const { lines } = edit.preview(document.lines);
      const textEdits = taken.changes.map((change) => textEditOf(document.lines, change, document.lineEnd));
      edit.follow(document.apply(textEdits));
      edit.close(ids);
      if (edit.openIds.length === 0) expect(document.lines).toEqual(lines);
      expect(takenBack(document.text, before)).toBe(before);
    }
    expect(document.text).toBe(typeof script.expected === 'string' ? script.expected : typedText);
    const otherEnds = document.lineEnd === '\n' ? /\r/u : /(?<!\r)\n|\r(?!\n)/u;
    expect(document.text).not.toMatch(otherEnds);
  });
});

/** The text after one that undoes an edit by the same means. */
function takenBack(after: string, before: string): string {
  const document = new EditedDocument(after);
  const lineEnd = before.includes('\r\n') ? '\r\n' : '\n';
  const changes = lineDiff(document.lines, linesOf(before));
  document.apply(changes.map((change) => textEditOf(document.lines, change, lineEnd)));
  return document.text;
}

function rangeEdit([line, character, endLine, endCharacter, newText]: Typed) {
  return {
    range: { start: { line, character }, end: { line: endLine, character: endCharacter } },
    newText,
  };
}
