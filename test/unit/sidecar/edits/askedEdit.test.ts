import { describe, expect, it } from 'vitest';
import type { EditParams } from '../../../../protocol/edit.ts';
import { askedEdit, editsOfAnswer } from '../../../../sidecar/edits/askedEdit.ts';
import { withEdits } from '../../../../sidecar/edits/rangeEdits.ts';
import { pythonEdit } from '../../../support/edits/pythonEdit.ts';

const lineRange = (start: number, end: number): EditParams['range'] => ({
  start: { line: start, character: 0 },
  end: { line: end, character: 0 },
});

describe('an edit that can be asked', () => {
  it('gives the lines, what is around them, and the instruction', () => {
    const { prompt, title, strategy, place } = askedEdit(pythonEdit());
    expect(prompt.attachment).toEqual({
      languageId: 'python',
      path: 'sums.py',
      text: pythonEdit().document.text.replaceAll('\r\n', '\n'),
    });
    expect(prompt.question).toContain('```python\n    return a - b\n```');
    expect(prompt.question).toContain('Add the two.');
    expect(title).toBe('Edit sums.py, lines 2 to 2: Add the two.');
    expect([strategy, place]).toEqual(['direct', { type: 'lines', range: { first: 2, last: 2 } }]);
  });

  it.each([
    ['one problem', ['a is None'], 'Fix this problem in the code:\n\na is None'],
    ['two', ['a', 'b'], '- a (in the line `return a - b`)\n- b (in the line `return a - b`)'],
    ['none', [], 'Find what is wrong'],
  ])('gives %s of a fix', (_what, messages, expected) => {
    const diagnostics = messages.map((message) => ({ message, range: lineRange(1, 2) }));
    const { prompt } = askedEdit(pythonEdit({ kind: 'fix', instruction: '', diagnostics }));
    expect(prompt.question).toContain(expected);
  });

  it.each([
    ['FFE\n=====\nFAIL: test_sum (Sums)\n-----', 'FAIL: test_sum (Sums)'],
    ['E1: x\nfailed', 'failed'],
    ['E1', 'E1'],
  ])('has a title that says something of %j', (message, expected) => {
    const diagnostics = [{ message, range: lineRange(1, 2) }];
    const { title } = askedEdit(pythonEdit({ kind: 'fix', instruction: '', diagnostics }));
    expect(title).toBe(`Fix sums.py, lines 2 to 2: ${expected}`);
  });

  it('says of other files that they stay, and of the whole file that a part of it may change', () => {
    const { text } = pythonEdit().document;
    const whole = { languageId: 'python', path: 'sums.py', text };
    const other = { languageId: 'python', path: 'other.py', text: 'x = 1\r\n' };
    const questionOf = (attachments: EditParams['attachments']) =>
      askedEdit(pythonEdit({ attachments })).prompt.question;
    const both = questionOf([whole, other]);
    expect(both).toContain('These other files stay as they are:\n\nother.py:\n```python\nx = 1\n```');
    expect(both).toContain(
      'This is the whole of sums.py, of which only a part may change:\n\n```python\ndef add',
    );
    expect(questionOf([whole])).not.toContain('other files');
    expect(questionOf([other])).not.toContain('whole of');
  });

  it('takes the words of the user for the problem where the editor reports none', () => {
    const { prompt } = askedEdit(pythonEdit({ kind: 'fix', instruction: 'add(1, 2) is -1' }));
    expect(prompt.question).toContain('Fix this problem in the code:\n\nadd(1, 2) is -1');
  });

  it('says of the code that is tested in its own file that it is there', () => {
    const end = { line: 5, character: 0 };
    const code = { languageId: 'python', path: 'sums.py', text: 'def add(a, b): ...\n' };
    const changes = { instruction: '', range: { start: end, end }, attachments: [code] };
    const { question } = askedEdit(pythonEdit({ kind: 'tests', ...changes })).prompt;
    expect(question).toContain('This code is in sums.py already, and stays as it is');
    expect(question).not.toContain('other files');
  });

  it('documents, tests and goes on without an instruction', () => {
    const asked = (changes: Partial<EditParams>) =>
      askedEdit(pythonEdit({ instruction: '', ...changes })).prompt;
    expect(asked({ kind: 'document' }).question).toContain('a docstring in each function');
    const codeUnderTest = { languageId: 'python', path: 'sums.py', text: 'def add(): ...\r\n' };
    const document = { ...pythonEdit().document, path: 'test_sums.py', text: '' };
    const range = lineRange(0, 0);
    const tests = asked({ kind: 'tests', document, range, attachments: [codeUnderTest] }).question;
    expect(tests).toContain('sums.py:\n```python\ndef add(): ...\n```');
    expect(tests).toContain('The file is empty so far.');
    expect(tests).toContain('Write at most 5 short tests');
    const cursor = { line: 1, character: 11 };
    const next = asked({ kind: 'continue', range: { start: cursor, end: cursor } });
    expect(next.attachment.text).toBe('def add(a, b):\n    return ');
    expect(next.question).toContain('these lines follow');
  });

  it.each<[string, Partial<EditParams>]>([
    ['without an instruction', { instruction: '  ' }],
    ['with a range outside of the document', { range: lineRange(1, 9) }],
    ['with a range that ends before it begins', { range: lineRange(2, 1) }],
    [
      'with a part of a line',
      { range: { start: { line: 1, character: 4 }, end: { line: 2, character: 0 } } },
    ],
    ['that fixes nothing', { kind: 'fix', range: lineRange(1, 1) }],
    ['that goes on at a range', { kind: 'continue' }],
    ['with thoughts', { strategy: 'chainOfThought' }],
    [
      'of 5,000 lines',
      { document: { ...pythonEdit().document, text: 'x = 1\n'.repeat(5000) }, range: lineRange(0, 5000) },
    ],
  ])('is refused %s', (_what, changes) => {
    expect(() => askedEdit(pythonEdit(changes))).toThrow(
      expect.objectContaining({ code: 'parameter.invalid' }),
    );
  });

  it('takes 4,999 lines', () => {
    const document = { ...pythonEdit().document, text: 'x = 1\n'.repeat(5000) };
    expect(askedEdit(pythonEdit({ document, range: lineRange(1, 5000) })).place).toEqual({
      type: 'lines',
      range: { first: 2, last: 5000 },
    });
  });
});

describe('an answer', () => {
  const { document } = pythonEdit();
  const editsOf = (answer: string) => editsOfAnswer(askedEdit(pythonEdit()), answer);

  it.each([
    ['Add them.', 'noCode'],
    ['```python\n    return a + b', 'cutOff'],
    ['```python\n    return a - b\n```', 'unchanged'],
  ] as const)('%j changes nothing: %s', (answer, noEdit) => {
    expect(editsOf(answer)).toEqual({ edits: [], noEdit });
  });

  it.each([
    ['Here:\n```python\nreturn b + a\n```\nOr:\n```\nreturn sum((a, b))\n```'],
    ['Here:\n```python\nreturn sum((a, b))\n```\nOr:\n```\nreturn b + a\n```'],
  ])('has its longest block put in the place of the range: %j', (answer) => {
    const { edits, noEdit } = editsOf(answer);
    expect(noEdit).toBeNull();
    expect(withEdits(document.text, edits)).toBe(document.text.replace('a - b', 'sum((a, b))'));
  });

  it('is whole where a docstring has a fence', () => {
    const documented =
      'def add(a, b):\n    """Adds.\n\n    ```python\n    add(1, 2)\n    ```\n    """\n    return a + b\n';
    const asked = askedEdit(pythonEdit({ range: lineRange(0, 2) }));
    const { edits } = editsOfAnswer(asked, `\`\`\`\n${documented}\`\`\`\nThat adds.`);
    expect(withEdits(document.text, edits)).toBe(
      documented.replaceAll('\n', '\r\n') + document.text.split('\r\n').slice(2).join('\r\n'),
    );
  });

  it.each<[string, string]>([
    ['a fence within the code', '```\n"""Sums.\n\n```python\nadd(1, 2)\n```\n"""\nreturn a + b\n```'],
    ['a fence after an empty block', '```\n```\nreturn a + b\n```'],
    ['the end of the answer', '```\ndef check(a): ...\n```\nThen:\n```\nreturn check(a)'],
  ])('of which %s leaves a block open changes nothing', (_what, answer) => {
    expect(editsOf(answer)).toEqual({ edits: [], noEdit: 'cutOff' });
  });

  it('is not cut off where its block begins on the line of the words that announce it', () => {
    expect(editsOf('Final answer: ```python\nreturn a + b\n```').edits).toHaveLength(1);
  });

  it('has the function that is edited, and not the helper that it calls now', () => {
    const helper = 'def check(a, b):\n    assert a < b';
    const edited = 'def add(a, b):\n    check(a, b)\n    return a + b';
    const asked = askedEdit(pythonEdit({ range: lineRange(0, 2) }));
    const { edits } = editsOfAnswer(asked, `\`\`\`\n${helper}\n\`\`\`\nThen:\n\`\`\`\n${edited}\n\`\`\``);
    const text = withEdits(document.text, edits);
    expect(text).toContain('    check(a, b)\r\n    return a + b\r\n');
    expect(text).not.toContain('def check');
  });

  it('goes on at a cursor', () => {
    const cursor = { line: 1, character: 11 };
    const asked = askedEdit(pythonEdit({ kind: 'continue', range: { start: cursor, end: cursor } }));
    expect(editsOfAnswer(asked, '```\nb + \n```').edits).toEqual([
      { range: { start: cursor, end: cursor }, newText: 'b + ' },
    ]);
    expect(editsOfAnswer(asked, '```\n\n```')).toEqual({ edits: [], noEdit: 'noCode' });
  });
});
