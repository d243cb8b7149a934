import { describe, expect, it } from 'vitest';
import { askedEdit, codeOfAnswer, documentWith, editsOfAnswer } from '../../../../sidecar/edits/askedEdit.ts';
import { withEdits } from '../../../../sidecar/edits/rangeEdits.ts';
import { pythonEdit } from '../../../support/edits/pythonEdit.ts';

const { document } = pythonEdit();
const raced = askedEdit(pythonEdit({ strategy: 'directBestOfN' }));
const block = (code: string): string => `\`\`\`python\n${code}\n\`\`\``;

describe('the document with the code of a candidate', () => {
  it('is whole, and placed by the rules of the edit', () => {
    const expected = document.text.replace('a - b', 'a + b');
    for (const code of ['    return a + b', 'return a + b', 'def add(a, b):\n    return a + b'])
      expect(documentWith(raced, code), code).toBe(expected);
  });

  it('goes on at a cursor', () => {
    const cursor = { line: 1, character: 11 };
    const asked = askedEdit(
      pythonEdit({ kind: 'continue', instruction: '', range: { start: cursor, end: cursor } }),
    );
    expect(documentWith(asked, 'b + ')).toBe(document.text.replace('a - b', 'b + a - b'));
  });

  it.each([
    ['one block', block('    return a + b')],
    ['blanks at the end', block('    return a + b\n    \n')],
    ['two blocks, of which the longer was tested', `${block('add')}\n${block('    return sum([a, b])')}`],
    ['another block that never closed', `${block('    return a + b')}\n\`\`\`python\nadd(`],
  ])('is what the edits make of an answer with %s', (_what, answer) => {
    const code = codeOfAnswer(raced, answer);
    const made = withEdits(document.text, editsOfAnswer(raced, answer).edits);
    expect(made).not.toBe(document.text);
    expect(documentWith(raced, code ?? 'none')).toBe(made);
  });

  it('has the longer of two blocks', () => {
    const answer = `${block('    x = 1')}\n${block('    return a + b')}`;
    expect(codeOfAnswer(raced, answer)).toBe('    return a + b');
    expect(codeOfAnswer(askedEdit(pythonEdit()), answer)).toBe('    return a + b');
  });

  it('takes lines away by an empty block only where an instruction can mean that', () => {
    expect(codeOfAnswer(askedEdit(pythonEdit({ kind: 'edit' })), block(''))).toBe('');
    expect(codeOfAnswer(askedEdit(pythonEdit({ kind: 'fix' })), block(''))).toBeNull();
    expect(codeOfAnswer(raced, block(''))).toBe('');
    expect(editsOfAnswer(raced, `${block('')}\n\`\`\`python\n    return`).noEdit).toBe('cutOff');
    const fixed = askedEdit(pythonEdit({ kind: 'fix', strategy: 'directBestOfN' }));
    expect(editsOfAnswer(fixed, block(''))).toEqual({ edits: [], noEdit: 'noCode' });
  });
});
