import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { ProgressType } from 'vscode-languageserver/node';
import type { EditParams } from '../../protocol/edit.ts';
import type { SidecarSettings } from '../../protocol/messages.ts';
import type { TraceEvent } from '../../protocol/traceEvent.ts';
import { withEdits } from '../../sidecar/edits/rangeEdits.ts';
import { pythonEdit } from '../support/edits/pythonEdit.ts';
import { temporaryFolder } from '../support/machine/temporaryFolder.ts';
import { contractPeer } from '../support/sidecar/contractPeer.ts';

const block = (line: string): string => `\`\`\`python\n${line}\n\`\`\``;
const right = block('    return a + b');
const wrong = block('    return a * b');
const command = 'python3 -c "import pkg.sums as s; assert s.add(1, 2) == 3 and s.twice(4) == 8, 1234"';
/** What the file has on disk: the document was changed since, and not saved. */
const onDisk = 'def add(): pass\n';

interface Race {
  /** What each candidate writes, the greedy one first; then the repair. */
  readonly answers: readonly string[];
  readonly verifyCommand?: string;
  /** Whether the document belongs to the workspace. */
  readonly isInside?: boolean;
  readonly params?: Partial<EditParams>;
  readonly settings?: Partial<SidecarSettings>;
}

/** Races candidates for `pythonEdit` in a workspace with the file. */
async function race({ answers, verifyCommand = command, isInside = true, params, settings }: Race) {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'pkg', 'sums.py');
  await mkdir(path.dirname(file));
  await writeFile(file, onDisk);
  const repairs: string[] = [];
  await using peer = await contractPeer(({ sequence, text }) => {
    if (text.includes('Find the error and correct it.')) repairs.push(text);
    return answers[text.includes('Find the error and correct it.') ? answers.length - 1 : sequence] ?? wrong;
  });
  await peer.initialize({ settings: { verifyCommand, ...settings } }, folder.path);
  await peer.whenHealth('ready');
  const events: TraceEvent[] = [];
  peer.connection.onProgress(new ProgressType<readonly TraceEvent[]>(), 'race', (batch) => {
    events.push(...batch);
  });
  const workspaceFolder = isInside ? folder.path : null;
  const document = { ...pythonEdit().document, ...params?.document, path: 'pkg/sums.py', workspaceFolder };
  const raced = { strategy: 'directBestOfN', partialResultToken: 'race' } as const;
  const asked = pythonEdit({ ...raced, ...params, document });
  const result = await peer.request('entropane/edit', asked);
  const tests = events.filter((event) => event.type === 'verification/finished');
  const edited = withEdits(document.text, result.edits);
  return { result, edited, events, repairs, tests, kept: await readFile(file, 'utf8') };
}

describe('candidates of an edit', () => {
  test('are tested in the document as the editor has it, and the edits are those of the one that passes', async () => {
    const { result, edited, events, tests, kept } = await race({
      answers: [wrong, right],
      params: { candidates: 2 },
    });
    expect(edited).toBe(pythonEdit().document.text.replace('a - b', 'a + b'));
    expect(result).toMatchObject({
      noEdit: null,
      verification: { command, outcome: 'passed', exitCode: 0, passesWithout: false },
    });
    expect(tests).toMatchObject([
      {
        candidateId: 0,
        outcome: 'failed',
        output: expect.stringContaining('AssertionError: 1234') as string,
      },
      { candidateId: 1, outcome: 'passed' },
    ]);
    expect(events.at(0)).toMatchObject({ strategy: 'directBestOfN', candidateCount: 2 });
    // In a copy of the workspace.
    expect(kept).toBe(onDisk);
  });

  test('are four unless the request says otherwise', async () => {
    const { events } = await race({ answers: [right] });
    expect(events.at(0)).toMatchObject({ candidateCount: 4, sampler: { temperature: 0.8 } });
  });

  test('are repaired as lines, with what the test said', async () => {
    const { edited, result, repairs } = await race({
      answers: [wrong, wrong, right],
      params: { candidates: 2 },
    });
    expect(edited).toContain('return a + b\r\n');
    expect(result.verification?.outcome).toBe('passed');
    expect(repairs).toHaveLength(1);
    expect(repairs[0]).toContain('AssertionError: 1234');
    expect(repairs[0]).toContain('Print only the corrected lines');
    expect(repairs[0]).toContain('Print only the lines that take their place');
  });

  test('that all fail leave the best, with what the test said of it', async () => {
    const { edited, result } = await race({ answers: [wrong, wrong, wrong], params: { candidates: 2 } });
    expect(edited).toContain('return a * b');
    expect(result.verification).toMatchObject({ outcome: 'failed', exitCode: 1 });
  });

  test('that change nothing are taken after one that fails, however many they are', async () => {
    const same = block('    return a - b');
    const { edited, events } = await race({ answers: [same, wrong, same, wrong], params: { candidates: 3 } });
    expect(edited).toContain('return a * b');
    const fellBack = events.find(
      (event) => event.type === 'decision/made' && event.kind === 'selectionFellBack',
    );
    expect(fellBack).toMatchObject({ why: expect.stringContaining('No candidate passed') as string });
  });

  test('are all written and vote where the command passes without them, but for those that change nothing', async () => {
    const same = block('    return a - b');
    const { result, edited, events, tests } = await race({
      answers: [same, wrong, right, right],
      verifyCommand: 'true',
    });
    expect(tests.map(({ candidateId, outcome, output }) => [candidateId, outcome, output])).toEqual([
      // Two wrote it.
      [2, 'passed', ''],
      [0, 'failed', 'The code changes nothing.'],
      [1, 'passed', ''],
    ]);
    const kinds = events.flatMap((event) => (event.type === 'decision/made' ? [event.kind] : []));
    expect(kinds).toContain('testPassesWithout');
    expect(kinds).not.toContain('testPassed');
    expect(edited).toContain('return a + b');
    expect(result.verification).toMatchObject({ outcome: 'passed', passesWithout: true });
  });

  test('are taken as they are where an instruction has lines taken away, which no program does', async () => {
    const params = { candidates: 2 };
    const { result, edited } = await race({ answers: [block(''), block(''), block('')], params });
    expect([result.noEdit, result.verification]).toEqual([null, null]);
    expect(edited).not.toContain('return a - b');
  });

  test('are not tested one by one where the command hangs on the document as it was, nor repaired', async () => {
    await using folder = await temporaryFolder();
    const count = path.join(folder.path, 'runs');
    const { tests, repairs, edited } = await race({
      answers: [right, wrong, block('    return b + a'), block('    return b * a')],
      verifyCommand: `echo run >> '${count}'; sleep 600`,
      settings: { verifySeconds: 1 },
    });
    expect(new Set(tests.map(({ outcome }) => outcome))).toEqual(new Set(['notStarted']));
    expect(edited).toContain('return a + b');
    expect(await readFile(count, 'utf8')).toBe('run\nrun\n');
    expect(repairs).toEqual([]);
  });

  test('are all tested where the command ends with one of them', async () => {
    const { tests } = await race({
      answers: [block('    return 7'), wrong, right, wrong],
      // With a difference or a product it hangs.
      verifyCommand: 'grep -q "a [-*] b" pkg/sums.py && sleep 600; grep -q "a + b" pkg/sums.py',
      settings: { verifySeconds: 1 },
      params: { candidates: 3 },
    });
    expect(tests.map(({ outcome }) => outcome)).toEqual(['failed', 'timedOut', 'passed']);
  });

  test.each<[string, Partial<Race>]>([
    ['no command, as in a workspace that is not trusted', { verifyCommand: '' }],
    ['no folder of the document', { isInside: false }],
  ])('are not tested with %s', async (_what, changes) => {
    const { tests, result, edited } = await race({ answers: [right, right], ...changes });
    expect([tests, result.verification]).toEqual([[], null]);
    expect(edited).toContain('return a + b');
  });

  test.each<[string, Partial<Race>, object]>([
    [
      'hangs',
      { verifyCommand: 'sleep 600', settings: { verifySeconds: 1 } },
      { outcome: 'notStarted', output: 'It does not end in time, with a change or without.' },
    ],
    [
      'forks and leaves processes',
      { verifyCommand: 'sleep 600 & sleep 600 & wait', settings: { verifySeconds: 1 } },
      { outcome: 'notStarted', output: 'It does not end in time, with a change or without.' },
    ],
    [
      'is not there',
      { verifyCommand: 'no-such-program' },
      { outcome: 'notStarted', exitCode: null, output: expect.stringContaining('no-such-program') as string },
    ],
    [
      'cannot run on a document in another encoding',
      { params: { document: { ...pythonEdit().document, encoding: 'windows1252' }, candidates: 2 } },
      { outcome: 'notStarted', output: expect.stringContaining('UTF-8') as string },
    ],
  ])('keep the best where the command %s, and the result says so', async (_what, changes, verification) => {
    const { result, edited, kept } = await race({
      answers: [right, right, right],
      params: { candidates: 2 },
      ...changes,
    });
    expect(result.verification).toMatchObject(verification);
    expect(edited).toContain('return a + b');
    expect(kept).toBe(onDisk);
  });

  test('that is one direct program is not tested', async () => {
    const { tests, result } = await race({ answers: [right], params: { strategy: 'direct' } });
    expect([tests, result.verification]).toEqual([[], null]);
  });
});
