import { describe, expect, it } from 'vitest';
import { promptRevision } from '../../../../../lab/bench/edits/askEdit.ts';
import { parseEditCase } from '../../../../../lab/bench/edits/editCase.ts';
import { editedBy, type EditWay, editWays } from '../../../../../lab/bench/edits/editWays.ts';
import { editCasesFolder, readEditCases } from '../../../../../lab/bench/edits/readEditCases.ts';
import { replaceRange, withLineEnds } from '../../../../../sidecar/edits/lineRange.ts';
import { fenced } from '../../../../../sidecar/prompts/chatPrompt.ts';
import { checkout } from '../../../../support/machine/manifest.ts';

const calls = Array.from({ length: 29 }, (_, index) => `\tline${index + 2}()`);
const lines = ['def lines():', ...calls];
const edit = parseEditCase(
  'python/lines',
  [
    '---\nkind: fix\npath: lines.py\nscope: lines\nrange: 20-21\ntraits: crlf\n---\n',
    'NameError: line20\n',
    `## File\n\n\`\`\`python\n${lines.join('\n')}\n\`\`\`\n`,
    '## Reference\n\n```python\n\tnew()\n```\n',
    '## Tests\n\n```python\npass\n```\n',
  ].join('\n'),
);

function wayOf(name: string): EditWay {
  const way = editWays.find((one) => one.name === name);
  if (way === undefined) throw new Error(`There is no way ${name}.`);
  return way;
}

describe('the way with the whole file', () => {
  const way = wayOf('wholeFile');

  it('gives the file and the lines that may change', () => {
    const { question, attachment } = way.ask(edit);
    expect(attachment).toEqual({
      languageId: 'python',
      path: 'lines.py',
      text: edit.text.replaceAll('\r\n', '\n'),
    });
    expect(question).toContain('NameError: line20');
    expect(question).toContain('lines 20 to 21');
    expect(way.ask({ ...edit, scope: 'file' }).question).not.toContain('lines 20 to 21');
  });

  it('puts the block that the answer is about in the place of the file, with its line ends', () => {
    expect(editedBy(way, edit, 'Here:\n\n```python\na\n\tb\n```\n\n```\nc\n```')).toBe('a\r\n\tb\r\n');
  });

  it.each(['No code.', '```python\na\n'])('has nothing to apply of %j', (answer) => {
    expect(editedBy(way, edit, answer)).toBeNull();
  });
});

describe('the way with the range', () => {
  const way = wayOf('range');

  it('gives the range, and some lines around it', () => {
    const { question, attachment } = way.ask(edit);
    expect(question).toContain('```python\n\tline20()\n\tline21()\n```');
    expect(attachment.text.split('\n').at(0)).toBe('\tline8()');
    expect(attachment.text.trimEnd().split('\n').at(-1)).toBe('\tline30()');
    expect(question).not.toContain('line8()');
  });

  it('puts the block in the place of the range, with its indentation', () => {
    expect(editedBy(way, edit, '```\n\tnew()\n```')).toBe(
      edit.text.replace('\tline20()\r\n\tline21()\r\n', '\tnew()\r\n'),
    );
    expect(editedBy(way, edit, '```\nnew()\n```')).toContain('\tline19()\r\n\tnew()\r\n\tline22()');
    expect(editedBy(way, edit, '```\n        new()\n```')).toContain('\tline19()\r\n\t\tnew()\r\n\tline22()');
  });

  it('takes lines away by an empty block where an instruction can mean that', () => {
    const removed = edit.text.replace('\tline20()\r\n\tline21()\r\n', '');
    expect(editedBy(way, { ...edit, kind: 'instruction' }, '```\n\n```')).toBe(removed);
    expect(editedBy(way, edit, '```\n\n```')).toBeNull();
  });
});

it('every way puts the reference of a case where it belongs, as it is', async () => {
  const cases = await readEditCases(editCasesFolder(checkout));
  expect(cases.length).toBeGreaterThan(100);
  const answerOf = (code: string): string => fenced(withLineEnds(code, '\n'), '');
  for (const edit of cases) {
    const solved = replaceRange(edit.text, edit.range, edit.reference);
    expect(editedBy(wayOf('range'), edit, answerOf(edit.reference)), edit.id).toBe(solved);
    expect(editedBy(wayOf('wholeFile'), edit, answerOf(solved)), edit.id).toBe(solved);
  }
});

it.each([
  ['wholeFile', '1b0b97b58bf5f0cb'],
  ['range', '1f9cf6e0e6cef9a0'],
  ['rangeBestOf4', 'e1c27d3fe5542871'],
])('the way %s asks as it did for the answers that are kept', async (name, revision) => {
  const cases = await readEditCases(editCasesFolder(checkout));
  const known = cases.filter(({ id }) => id === 'typescript/swapArguments');
  // A prompt that is changed on purpose changes these, and has all answers asked for again.
  expect(known.map((edit) => promptRevision(wayOf(name), edit))).toEqual([revision]);
});
