import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { emptyLedger } from '../../../../protocol/budget.ts';
import type { EditParams, EditResult, EditVerification } from '../../../../protocol/edit.ts';
import { readEditFile, parseLines } from '../../../../sidecar/cli/editFile.ts';
import { runEdit } from '../../../../sidecar/cli/runEdit.ts';
import type { SidecarClient } from '../../../../sidecar/cli/sidecarClient.ts';
import { askedEdit, editsOfAnswer } from '../../../../sidecar/edits/askedEdit.ts';
import { systemClock } from '../../../../sidecar/process/clock.ts';
import { workspaceVerifier } from '../../../../sidecar/verify/codeVerifier.ts';
import { confinementOf } from '../../../../sidecar/verify/confinement/sandbox.ts';
import { runUnchanged } from '../../../../sidecar/verify/unchangedRun.ts';
import { unhurried } from '../../../support/engine/generating.ts';
import { recordingTerminal } from '../../../support/machine/recordingTerminal.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';
import { noSandbox, unconfined } from '../../../support/verify/isolation.ts';

const text = 'def add(a, b):\n    return a - b\n';
const right = '```python\n    return a + b\n```';

/** A sidecar whose model always writes this. */
function clientThatWrites(
  answer: string,
  { verification, syntaxError }: Pick<EditResult, 'verification' | 'syntaxError'>,
  meanwhile: () => Promise<void>,
): Pick<SidecarClient, 'request'> {
  return {
    request: async (_method, params) => {
      await meanwhile();
      const result: EditResult = {
        requestId: 'edit-1',
        model: 'scripted',
        version: 0,
        ...editsOfAnswer(askedEdit(params as EditParams), answer),
        syntaxError,
        verification,
        text: answer,
        reason: 'answered',
        ledger: emptyLedger,
        timing: { decodeTokensPerSecond: null, timeToFirstTokenMs: null },
        tracePath: null,
      };
      return result;
    },
  };
}

interface EditTry {
  readonly answer?: string;
  readonly applies?: boolean;
  readonly isJson?: boolean;
  readonly verify?: string;
  /** What a race said of the edit; null where it did not test it, absent without a race. */
  readonly raced?: EditVerification | null;
  /** Where a grammar says that the edited file does not parse. */
  readonly syntaxError?: EditResult['syntaxError'];
  /** What somebody else writes into the file while the model answers. */
  readonly overwrites?: string;
}

async function tryEdit({
  answer = right,
  applies = false,
  isJson = false,
  verify,
  raced,
  syntaxError = null,
  overwrites,
}: EditTry) {
  await using folder = await temporaryFolder();
  const filePath = path.join(folder.path, 'sums.py');
  await writeFile(filePath, text);
  const file = await readEditFile(filePath);
  const range = parseLines('2', file.document);
  const params = { kind: 'edit', instruction: 'Add.', range, diagnostics: [], attachments: [] } as const;
  const terminal = recordingTerminal();
  const options = { timeoutMs: 20_000, isolation: unconfined, clock: systemClock };
  const afterwards =
    verify === undefined ? null : workspaceVerifier(folder.path, { command: verify, ...options });
  const verifier = raced === undefined ? afterwards : ('race' as const);
  const runOfUnchanged = async () =>
    afterwards === null
      ? null
      : {
          command: afterwards.command,
          ...(await runUnchanged(afterwards, { text, languageId: 'python' }, unhurried)),
        };
  const edit = {
    ...{ file, params: { ...params, document: file.document }, verifier },
    ...{ runOfUnchanged, applies, isJson },
  };
  const client = clientThatWrites(answer, { verification: raced ?? null, syntaxError }, async () => {
    if (overwrites !== undefined) await writeFile(filePath, overwrites);
  });
  const signal = new AbortController().signal;
  const surroundings = { terminal, clock: systemClock, signal };
  const exitCode = await runEdit(client, edit, surroundings).catch((thrown: unknown) => thrown);
  return { exitCode, ...terminal, written: await readFile(filePath, 'utf8') };
}

const python = (code: string): string => `python3 -c "${code}"`;
const adds = python('import sums; assert sums.add(1, 2) == 3, 1234');

function racedTo(outcome: 'passed' | 'failed' | 'timedOut'): EditVerification {
  const confinement = confinementOf(noSandbox);
  const exitCode = { passed: 0, failed: 1, timedOut: null }[outcome];
  return { command: adds, outcome, exitCode, output: '', durationMs: 500, confinement, passesWithout: false };
}

describe('an edit of a file', () => {
  it('is printed as a diff, and nothing is written', async () => {
    const { exitCode, printed, written } = await tryEdit({});
    expect(exitCode).toBe(0);
    expect(printed).toEqual([
      '--- a/sums.py\n+++ b/sums.py\n@@ -1,2 +1,2 @@\n def add(a, b):\n-    return a - b\n+    return a + b',
    ]);
    expect(written).toBe(text);
  });

  it('is written where that is asked for', async () => {
    const { exitCode, noted, written } = await tryEdit({ applies: true });
    expect([exitCode, written]).toEqual([0, text.replace('-', '+')]);
    expect(noted.at(-1)).toBe('sums.py was changed.');
  });

  it('is not written where the file would not parse, unless a command passes with it', async () => {
    const syntaxError = { line: 2, column: 5 };
    const alone = await tryEdit({ applies: true, syntaxError });
    expect([alone.exitCode, alone.written]).toEqual([1, text]);
    expect(alone.noted).toContain(
      'With this edit sums.py has more syntax errors than before. The first is in line 2, column 5.',
    );
    expect(alone.noted.at(-1)).toMatch(/^sums.py was not changed, since it would have more syntax errors\./);
    const tested = await tryEdit({ applies: true, syntaxError, verify: adds });
    expect([tested.exitCode, tested.written]).toEqual([0, text.replace('-', '+')]);
    expect(tested.noted.join('\n')).not.toContain('more syntax errors');
    const unproved = await tryEdit({ applies: true, syntaxError, verify: 'true' });
    expect([unproved.exitCode, unproved.written]).toEqual([1, text]);
    expect(unproved.noted.join('\n')).toContain('has more syntax errors than before');
  });

  it('is written once a command passes with it', async () => {
    const { exitCode, noted, written } = await tryEdit({ applies: true, verify: adds });
    expect([exitCode, written]).toEqual([0, text.replace('-', '+')]);
    expect(noted).toContainEqual(expect.stringMatching(/^verify: passed, exit code 0 after /));
  });

  it('is not written where the command fails, whose output is shown', async () => {
    const answer = '```python\n    return a * b\n```';
    const { exitCode, noted, written } = await tryEdit({ applies: true, verify: adds, answer });
    expect([exitCode, written]).toEqual([1, text]);
    expect(noted.join('\n')).toMatch(/^verify: failed, exit code 1 [\s\S]+AssertionError: 1234/m);
    expect(noted.at(-1)).toMatch(
      /^sums\.py was not changed, since the command fails with the edit\. Say more/,
    );
  });

  it('is written where the command passes without it, too, and that is said', async () => {
    const { exitCode, noted, written } = await tryEdit({ applies: true, verify: 'true' });
    expect([exitCode, written]).toEqual([0, text.replace('-', '+')]);
    expect(noted).toContain(
      '"true" passes without the edit, too, so passing it does not prove the edit right.',
    );
  });

  it('is not to blame where the command cannot be run', async () => {
    const { exitCode, noted, written } = await tryEdit({ applies: true, verify: 'no-such-program' });
    expect([exitCode, written]).toEqual([1, text]);
    expect(noted.join('\n')).toMatch(/^verify: could not be run[\s\S]+no-such-program/m);
    expect(noted.at(-1)).toContain('since the command did not judge the edit. Read the diff');
  });

  it.each<[string, EditVerification | null, number, string]>([
    ['that passed', racedTo('passed'), 0, 'verify: passed, exit code 0 after 0.5 s'],
    ['whose test did not end', racedTo('timedOut'), 1, 'verify: did not end in time after 0.5 s'],
    ['that failed', racedTo('failed'), 1, 'verify: failed, exit code 1 after 0.5 s'],
    ['that was not tested', null, 1, 'verify: the command did not run on this edit'],
  ])('of a race %s is written only if it passed', async (_what, raced, code, noted) => {
    const tried = await tryEdit({ applies: true, raced });
    expect([tried.exitCode, tried.written]).toEqual([code, code === 0 ? text.replace('-', '+') : text]);
    expect(tried.noted.join('\n')).toContain(noted);
    const isJudged = raced?.outcome !== 'timedOut' && raced !== null;
    if (!isJudged) expect(tried.noted.at(-1)).toContain('the command did not judge the edit. Read the diff');
    const asJson = await tryEdit({ isJson: true, raced });
    expect(JSON.parse(asJson.printed.at(-1) ?? '')).toMatchObject({ verification: raced, applied: false });
  });

  it('is not written over what somebody else wrote meanwhile', async () => {
    const { exitCode, written } = await tryEdit({ applies: true, overwrites: 'new\n' });
    expect(exitCode).toMatchObject({ code: 'document.changed' });
    expect(written).toBe('new\n');
  });

  it.each([
    ['Sorry.', 'has no code'],
    ['```python\n    return', 'does not close'],
    ['```python\n    return a - b\n```', 'as they are'],
  ])('that is %j ends with an exit code and a reason', async (answer, reason) => {
    const { exitCode, printed, noted, written } = await tryEdit({ answer, applies: true, verify: 'exit 0' });
    expect([exitCode, printed, written]).toEqual([1, [], text]);
    expect(noted.join('\n')).toContain(reason);
  });

  it('is one object for programs', async () => {
    const { exitCode, printed, noted } = await tryEdit({ isJson: true, applies: true, verify: adds });
    expect(exitCode).toBe(0);
    expect(JSON.parse(printed.at(-1) ?? '')).toMatchObject({
      type: 'result',
      noEdit: null,
      edits: [{ newText: '    return a + b\n' }],
      diff: expect.stringMatching(/^--- a\/sums.py\n[\s\S]+\n\+ {4}return a \+ b\n$/) as string,
      verification: { outcome: 'passed', exitCode: 0 },
      applied: true,
    });
    expect(noted).not.toContain('sums.py was changed.');
  });
});
