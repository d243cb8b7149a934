import { describe, expect, it } from 'vitest';
import {
  blocksMessage,
  noEditMessage,
  progressMessage,
  refusedMessage,
  syntaxErrorMessage,
  testMessage,
  tooManyLinesMessage,
  warningOf,
} from '../../../../extension/edits/editWords.ts';
import { confinementOf } from '../../../../sidecar/verify/confinement/sandbox.ts';
import { noSandbox } from '../../../support/verify/isolation.ts';
import { hunkAt } from '../../../../extension/edits/proposedEdit.ts';

describe('messages', () => {
  it('say why nothing can be applied, and that the document is as it was', () => {
    const reasons = ['noCode', 'cutOff', 'unchanged'] as const;
    const messages = reasons.map((noEdit) => noEditMessage({ noEdit, reason: 'answered' }));
    expect(new Set(messages).size).toBe(reasons.length);
    for (const message of messages) expect(message).toContain('The document is as it was.');
    expect(noEditMessage({ noEdit: 'cutOff', reason: 'budgetExhausted' })).toContain('fewer lines');
  });

  it('warn of a proposal with more syntax errors, unless the test passes with it', () => {
    const syntaxError = { line: 7, column: 2 };
    expect(syntaxErrorMessage({ syntaxError: null, verification: null })).toBeNull();
    expect(syntaxErrorMessage({ syntaxError, verification: null })).toContain('in line 7');
    const confinement = confinementOf(noSandbox);
    const run = {
      command: 'pytest',
      outcome: 'passed',
      exitCode: 0,
      output: '',
      durationMs: 1,
      confinement,
    } as const;
    const messageOf = (passesWithout: boolean) =>
      syntaxErrorMessage({ syntaxError, verification: { ...run, passesWithout } });
    expect(messageOf(false)).toBeNull();
    expect(messageOf(true)).toContain('in line 7');
  });

  it('say what became of changes that do not fit', () => {
    const changed = { id: 0, why: 'changed' } as const;
    const one = refusedMessage('a.py', { type: 'refused', refused: [changed], fitting: 0 });
    expect(one).toBe(
      'This change was not applied: you changed the same lines of a.py meanwhile. Ask again, or discard the edit.',
    );
    const some = refusedMessage('a.py', { type: 'refused', refused: [changed], fitting: 2 });
    expect(some).toContain('Nothing was applied. 1 of 3 changes cannot be');
    const twice = refusedMessage('a.py', {
      type: 'refused',
      refused: [{ id: 0, why: 'ambiguous' }],
      fitting: 0,
    });
    expect(twice).toContain('several places of a.py');
  });

  it('say that a test does not pass, and nothing where it does or did not run', () => {
    const run = { exitCode: 1, output: '', durationMs: 1, confinement: confinementOf(noSandbox) };
    const messageOf = (outcome: 'passed' | 'failed', passesWithout = false) =>
      testMessage(
        { verification: { command: 'npm test', outcome, ...run, passesWithout } },
        { isRace: true },
      );
    expect(messageOf('passed', true)).toBe(
      '"npm test" passes without the edit, too, so it does not show that the edit is right.',
    );
    expect(messageOf('failed')).toContain('No program passed "npm test".');
    expect([messageOf('passed'), testMessage({ verification: null }, { isRace: false })]).toEqual([
      null,
      null,
    ]);
  });

  it('say of programs that raced that none was tested', () => {
    expect(testMessage({ verification: null }, { isRace: true })).toContain('was not run on this program');
  });

  it('are one message where there is more to say', () => {
    const run = { command: 'npm test', outcome: 'failed', exitCode: 1, output: '', durationMs: 1 } as const;
    const verification = { ...run, confinement: confinementOf(noSandbox), passesWithout: false };
    const text = '```\none\n```\n'.repeat(2);
    const result = { verification, syntaxError: { line: 3, column: 1 }, text };
    expect(warningOf(result, { isRace: true })).toMatch(
      /^No program passed "npm test"\. .* the first in line 3\. .* 2 blocks of code/u,
    );
    expect(warningOf({ verification: null, syntaxError: null, text: 'None.' }, { isRace: false })).toBeNull();
  });

  it('say that an answer has more code than is shown', () => {
    const block = '```\r\none\r\n```\r\n';
    expect(blocksMessage({ text: `Here:\r\n${block}` })).toBeNull();
    expect(blocksMessage({ text: `${block}Or:\r\n${block}` })).toContain('2 blocks of code');
  });

  it.each([
    ['timedOut', null, '', '"npm test" did not end in time. No program is known to pass it'],
    ['processesExceeded', null, '', '"npm test" started more processes than it may have. No program'],
    [
      'notStarted',
      null,
      'The workspace is too large.\nMore.',
      'could not be run: The workspace is too large. No',
    ],
    ['notStarted', 127, 'sh: 1: npm: not found\n', '"npm test" could not be run: sh: 1: npm: not found. No'],
    ['failed', 1, 'sh: 1 failed', 'No program passed "npm test".'],
  ] as const)('say of a test that ended with %s and %s how it did', (outcome, exitCode, output, expected) => {
    const confinement = confinementOf(noSandbox);
    const run = {
      command: 'npm test',
      outcome,
      exitCode,
      output,
      durationMs: 1,
      confinement,
      passesWithout: false,
    };
    expect(testMessage({ verification: run }, { isRace: true })).toContain(expected);
  });

  it('say with which files and which command an edit is asked for', () => {
    const messageOf = (otherFiles: readonly string[], testedBy: string | null) =>
      progressMessage({ otherFiles, testedBy });
    expect(messageOf([], null)).toBeNull();
    expect(messageOf(['a.py', 'lib/b.py'], null)).toBe('with a.py, lib/b.py');
    expect(messageOf(['a.py'], 'pytest')).toBe(
      'with a.py; tested with "pytest", first on the unchanged document',
    );
  });

  it('say how many lines are too many', () => {
    expect(tooManyLinesMessage(5_000)).toMatch(/^5,000 lines are too many for one edit: .* at most 500\.$/u);
  });
});

describe('the hunk at a line', () => {
  const placed = [
    { id: 0, start: 2, removed: 1, added: ['a', 'b'], shownAt: 2 },
    { id: 1, start: 8, removed: 0, added: ['c'], shownAt: 9 },
  ];

  it.each([
    ['its own', 3, 'preview', 0],
    ['the next', 5, 'preview', 1],
    ['the last after all', 20, 'preview', 1],
    ['its own in the document', 2, 'document', 0],
    ['the next in the document', 3, 'document', 1],
  ] as const)('is %s', (_name, line, side, id) => {
    expect(hunkAt(placed, line, side)?.id).toBe(id);
  });

  it('is missing where none fits', () => {
    expect(hunkAt([], 3, 'preview')).toBeNull();
  });
});
