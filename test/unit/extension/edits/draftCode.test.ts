import { describe, expect, it } from 'vitest';
import {
  codeSoFar,
  draftOf,
  editTitle,
  endedCode,
  followedDraft,
} from '../../../../extension/edits/draftCode.ts';

describe('the code of an answer that is being written', () => {
  it.each([
    ['before it began', 'Here is', null],
    ['while its fence is written', 'Here:\n```py', null],
    ['from its first line on', '```py\nx = 1\ny =', ['x = 1', 'y =']],
    ['up to its end', 'Here:\n```py\nx = 1\n```\nDone.', ['x = 1']],
    ['without a fence that is being written', '```py\nx = 1\n``', ['x = 1']],
    ['in its first block alone', '```\na\n```\n```\nb\n```', ['a']],
    ['in a longer fence', '````md\n```\n````', ['```']],
    ['with CRLF', '```py\r\nx = 1\r\n```', ['x = 1']],
  ])('%s', (_name, answer, code) => {
    expect(codeSoFar(answer)).toEqual(code);
  });
});

describe('the lines of code that have ended', () => {
  it.each([
    ['none while the first is written', '```py\nx =', null],
    ['all but the one that is written', '```py\nx = 1\ny =', ['x = 1']],
    ['all once the code has ended', '```py\nx = 1\ny = 2\n```', ['x = 1', 'y = 2']],
    ['none of an answer that has not begun', '', null],
  ])('are %s', (_name, answer, code) => {
    expect(endedCode(answer)).toEqual(code);
  });
});

describe('a document while an edit is written', () => {
  const base = ['one', '  two', '  three', 'four'];
  const range = { start: { line: 1, character: 0 }, end: { line: 3, character: 0 } };

  it('keeps the old lines that are not written anew yet', () => {
    expect(draftOf(base, { kind: 'edit', range }, ['  TWO'])).toEqual(['one', '  TWO', '  three', 'four']);
  });

  it('keeps what is after the range, however much is written', () => {
    const code = ['  2', '  3', '  3.5', '  3.6'];
    expect(draftOf(base, { kind: 'fix', range }, code)).toEqual(['one', ...code, 'four']);
  });

  it('indents code as what it replaces', () => {
    expect(draftOf(base, { kind: 'edit', range }, ['2', '', '  3'])).toEqual([
      'one',
      '  2',
      '',
      '    3',
      'four',
    ]);
  });

  it('has what is typed beside it meanwhile', () => {
    const draft = draftOf(base, { kind: 'edit', range }, ['  TWO']);
    const start = { line: 0, character: 0 };
    const changes = [{ range: { start, end: start }, text: 'zero\n' }];
    expect(followedDraft(draft, { base, changes: [] }, base)).toEqual(draft);
    expect(followedDraft(draft, { base, changes }, ['zero', ...base])).toEqual(['zero', ...draft]);
  });

  it('has what goes on at the cursor', () => {
    const cursor = { line: 1, character: 5 };
    const place = { start: cursor, end: cursor };
    expect(draftOf(base, { kind: 'continue', range: place }, [' + 1', 'x'])).toEqual([
      'one',
      '  two + 1',
      'x',
      '  three',
      'four',
    ]);
  });

  it.each([
    ['without a last line end', base, { line: 3, character: 4 }, [...base, 't']],
    ['with one', [...base, ''], { line: 4, character: 0 }, [...base, 't']],
  ])('has tests at the end of a document %s', (_name, lines, end, expected) => {
    expect(draftOf(lines, { kind: 'tests', range: { start: end, end } }, ['t'])).toEqual(expected);
  });
});

describe('the title of an edit', () => {
  it('is what was asked, in one short line', () => {
    expect(editTitle('a.py', ' use a set \nplease')).toBe('a.py: use a set');
    expect(editTitle('a.py', 'x'.repeat(100))).toHaveLength('a.py: '.length + 60);
    expect(editTitle('a.py', '')).toBe('a.py');
  });
});
