import type { Typed } from './companionCalls.ts';

/** An edit of a document in a real editor: what the model answers, what the user does meanwhile, and what is there in the end. */
export interface EditCase {
  readonly name: string;
  /** The document as it was opened. */
  readonly text: string;
  /** Ends the name of its file, and so says its language. Default `.txt`. */
  readonly ending?: string;
  readonly isUntitled?: boolean;
  /** As VS Code names it. Default UTF-8. */
  readonly encoding?: 'windows1252';
  /** Lines that may change, both included, counted from 0 once the user has typed before. */
  readonly lines: readonly [number, number];
  readonly answer: string;
  /** Before the model is asked, and not saved. */
  readonly typedBefore?: readonly Typed[];
  readonly typedWhileWriting?: readonly Typed[];
  /** Once the comparison is shown. */
  readonly typedLater?: readonly Typed[];
  /** Lines of the comparison's right side at whose change the user accepts, one step each. All at once unless given. */
  readonly acceptedAt?: readonly number[];
  /** The document in the end; or what is said where nothing is proposed, or where an accept is refused. */
  readonly expected: string | { readonly none: RegExp } | { readonly refused: RegExp };
}

const fenced = (code: string): string => `\`\`\`\n${code}\`\`\`\n`;
const crlf = (text: string): string => text.replaceAll('\n', '\r\n');

const python = 'import os\n\n\ndef one():\n    return 1\n\n\ndef two():\n    return 2\n';
const both = 'def uno():\n    return 1\n\n\ndef dos():\n    return 2\n';
const bothDone = `import os\n\n\n${both}`;
/** Two functions whose bodies are the same. */
const twins = 'function a() {\n  run();\n}\n\nfunction b() {\n  run();\n}\n';
const tabs = 'func main() {\n\tif ok {\n\t\trun()\n\t}\n}\n';
const changedByUser = /you changed the same lines/;

export const editCases: readonly EditCase[] = [
  {
    name: 'replaces a line',
    text: python,
    lines: [4, 4],
    answer: fenced('    return 11\n'),
    expected: python.replace('return 1\n', 'return 11\n'),
  },
  {
    name: 'replaces the first line',
    text: python,
    lines: [0, 0],
    answer: fenced('import sys\n'),
    expected: python.replace('import os', 'import sys'),
  },
  {
    name: 'replaces the last line, which has no end',
    text: 'one\ntwo\nthree',
    lines: [2, 2],
    answer: fenced('THREE\n'),
    expected: 'one\ntwo\nTHREE',
  },
  {
    name: 'adds lines in the middle',
    text: python,
    lines: [4, 4],
    answer: fenced('    value = 1\n    return value\n'),
    expected: python.replace('    return 1\n', '    value = 1\n    return value\n'),
  },
  {
    name: 'adds lines at the end of the document',
    text: python,
    lines: [7, 8],
    answer: fenced('def two():\n    return 2\n\n\ndef three():\n    return 3\n'),
    expected: `${python}\n\ndef three():\n    return 3\n`,
  },
  {
    name: 'removes a line',
    text: python,
    lines: [3, 4],
    answer: fenced('def one(): return 1\n'),
    expected: python.replace('def one():\n    return 1\n', 'def one(): return 1\n'),
  },
  {
    name: 'edits what is typed and not saved',
    text: python,
    typedBefore: [[4, 11, 4, 12, '7']],
    lines: [4, 4],
    answer: fenced('    return 77\n'),
    expected: python.replace('return 1\n', 'return 77\n'),
  },
  {
    name: 'edits a document that was never saved',
    text: python,
    isUntitled: true,
    lines: [4, 4],
    answer: fenced('    return 11\n'),
    expected: python.replace('return 1\n', 'return 11\n'),
  },
  {
    name: 'changes the first of two equal texts',
    text: twins,
    lines: [1, 1],
    answer: fenced('  walk();\n'),
    expected: twins.replace('run', 'walk'),
  },
  {
    name: 'changes the second of two equal texts',
    text: twins,
    lines: [5, 5],
    answer: fenced('  walk();\n'),
    expected: `${twins.slice(0, -9)}walk();\n}\n`,
  },
  {
    name: 'changes the second of two equal texts once a third was put before them',
    text: twins,
    lines: [5, 5],
    answer: fenced('  walk();\n'),
    typedLater: [[0, 0, 0, 0, 'function c() {\n  run();\n}\n\n']],
    expected: `function c() {\n  run();\n}\n\n${twins.slice(0, -9)}walk();\n}\n`,
  },
  {
    name: 'does not go to the equal text once its own was removed',
    text: twins,
    lines: [1, 1],
    answer: fenced('  walk();\n'),
    typedLater: [[0, 0, 3, 0, '']],
    expected: { refused: changedByUser },
  },
  {
    name: 'keeps the line ends of Windows',
    text: crlf(python),
    lines: [4, 4],
    answer: fenced('    value = 1\n    return value\n'),
    expected: crlf(python.replace('    return 1\n', '    value = 1\n    return value\n')),
  },
  {
    name: 'keeps line feeds where the model writes the line ends of Windows',
    text: python,
    lines: [4, 4],
    answer: crlf(fenced('    value = 1\n    return value\n')),
    expected: python.replace('    return 1\n', '    value = 1\n    return value\n'),
  },
  {
    name: 'adds after a last line without an end, in a document of Windows',
    text: 'one\r\ntwo',
    lines: [1, 1],
    answer: fenced('two\nthree\n'),
    expected: 'one\r\ntwo\r\nthree',
  },
  {
    name: 'keeps tabs',
    text: tabs,
    lines: [2, 2],
    answer: fenced('\t\trun()\n\t\tstop()\n'),
    expected: tabs.replace('\t\trun()\n', '\t\trun()\n\t\tstop()\n'),
  },
  {
    name: 'has tabs where the document has them and the model writes blanks',
    text: tabs,
    lines: [2, 2],
    answer: fenced('        run()\n        stop()\n'),
    expected: tabs.replace('\t\trun()\n', '\t\trun()\n\t\tstop()\n'),
  },
  {
    name: 'keeps the encoding of the file',
    text: 'café = 1\nthé = 2\n',
    encoding: 'windows1252',
    lines: [0, 0],
    answer: fenced('café = 11\n'),
    expected: 'café = 11\nthé = 2\n',
  },
  {
    name: 'follows lines typed before it while the model writes',
    text: python,
    lines: [8, 8],
    answer: fenced('    return 22\n'),
    typedWhileWriting: [[0, 9, 0, 9, '\nimport sys']],
    expected: python.replace('return 2\n', 'return 22\n').replace('import os\n', 'import os\nimport sys\n'),
  },
  {
    name: 'follows lines removed before it once it is shown',
    text: python,
    lines: [8, 8],
    answer: fenced('    return 22\n'),
    typedLater: [[0, 0, 3, 0, '']],
    expected: 'def one():\n    return 1\n\n\ndef two():\n    return 22\n',
  },
  {
    name: 'keeps what is typed after it and directly around it',
    text: python,
    lines: [4, 4],
    answer: fenced('    return 11\n'),
    typedLater: [
      [8, 12, 8, 12, '2'],
      [5, 0, 5, 0, '    # below\n'],
      [3, 10, 3, 10, '\n    # above'],
    ],
    expected:
      'import os\n\n\ndef one():\n    # above\n    return 11\n    # below\n\n\ndef two():\n    return 22\n',
  },
  {
    name: 'is refused where its line was changed while the model wrote',
    text: python,
    lines: [4, 4],
    answer: fenced('    return 11\n'),
    typedWhileWriting: [[4, 11, 4, 12, '7']],
    expected: { refused: changedByUser },
  },
  {
    name: 'is refused where a line was put into the middle of its lines',
    text: python,
    lines: [3, 4],
    answer: fenced('def uno():\n    return 11\n'),
    typedLater: [[3, 10, 3, 10, '\n    pass']],
    expected: { refused: changedByUser },
  },
  {
    name: 'finds its lines again after all of the text was replaced',
    text: python,
    lines: [4, 4],
    answer: fenced('    return 11\n'),
    typedLater: [[0, 0, 9, 0, `# A note.\n${python}`]],
    expected: `# A note.\n${python.replace('return 1\n', 'return 11\n')}`,
  },
  {
    name: 'does not choose between equal places after all of the text was replaced',
    text: `${twins}\n${twins}`,
    lines: [1, 1],
    answer: fenced('  walk();\n'),
    typedLater: [[0, 0, 15, 0, `${twins}\n${twins}`]],
    expected: { refused: /several places of .* have the same lines/ },
  },
  {
    name: 'is accepted change by change, from the first to the last',
    text: python,
    lines: [3, 8],
    answer: fenced(both),
    acceptedAt: [3, 7],
    expected: bothDone,
  },
  {
    name: 'is accepted change by change, from the last to the first, with lines that are added',
    text: python,
    lines: [3, 8],
    answer: fenced(both.replace('uno():\n', 'uno():\n    """One."""\n')),
    acceptedAt: [8, 3],
    expected: bothDone.replace('uno():\n', 'uno():\n    """One."""\n'),
  },
  {
    name: 'has neither of two changes where one does not fit',
    text: python,
    lines: [3, 8],
    answer: fenced(both),
    typedLater: [[7, 4, 7, 7, 'zwei']],
    expected: { refused: /Nothing was applied. 1 of 2 changes/ },
  },
  {
    name: 'has its new lines formatted in the same step, and no others',
    text: 'a\n  b\nc\n',
    ending: '.indents',
    lines: [1, 1],
    answer: fenced('  bb\n'),
    expected: 'a\n    bb\nc\n',
  },
  {
    name: 'has its new lines formatted by a formatter of whole documents, and no others',
    text: '  a\n  b\n  c\n',
    ending: '.rewrites',
    lines: [1, 1],
    answer: fenced('  bb\n'),
    expected: '  a\n    bb\n  c\n',
  },
  {
    name: 'stays as the model wrote it where the formatter throws',
    text: 'a\n  b\nc\n',
    ending: '.throws',
    lines: [1, 1],
    answer: fenced('  bb\n'),
    expected: 'a\n  bb\nc\n',
  },
  {
    name: 'takes the longer of two blocks',
    text: python,
    lines: [4, 4],
    answer: `Here:\n\n${fenced('    return 11\n')}\nOr:\n\n${fenced('    return 111\n')}`,
    expected: python.replace('return 1\n', 'return 111\n'),
  },
  {
    name: 'is not there where the answer has no code',
    text: python,
    lines: [4, 4],
    answer: 'Return eleven.\n',
    expected: { none: /The model wrote no code\. The document is as it was\./ },
  },
  {
    name: 'is not there where a fence never closes',
    text: python,
    lines: [4, 4],
    answer: '```python\n    return 11\n',
    expected: { none: /does not close, or has a fence in it\. The document is as it was\./ },
  },
  {
    name: 'is not there where it changes nothing',
    text: python,
    lines: [4, 4],
    answer: fenced('    return 1\n'),
    expected: { none: /the code that is there already\. The document is as it was\./ },
  },
];
