import type { EditParams } from '../../../protocol/edit.ts';

const text = 'def add(a, b):\r\n    return a - b\r\n\r\ndef twice(a):\r\n    return 2 * a\r\n';

/** Parameters of an edit of one line of a file with two functions and the line ends of Windows. */
export function pythonEdit(changes: Partial<EditParams> = {}): EditParams {
  return {
    kind: 'edit',
    instruction: 'Add the two.',
    document: {
      uri: 'file:///sums.py',
      path: 'sums.py',
      languageId: 'python',
      version: 7,
      text,
      lineEnd: '\r\n',
      formatting: { tabSize: 4, insertSpaces: true },
      encoding: 'utf8',
      workspaceFolder: null,
    },
    range: { start: { line: 1, character: 0 }, end: { line: 2, character: 0 } },
    diagnostics: [],
    attachments: [],
    ...changes,
  };
}
