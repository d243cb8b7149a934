import { expect, test } from 'vitest';
import type { EditParams } from '../../../../protocol/edit.ts';
import type { TraceEvent } from '../../../../protocol/traceEvent.ts';
import { DailyBudget } from '../../../../sidecar/app/dailyBudget.ts';
import { Edits } from '../../../../sidecar/app/edits.ts';
import { RunningRequests } from '../../../../sidecar/app/runningRequests.ts';
import { openStores } from '../../../../sidecar/app/stores.ts';
import type { EditMeasurements } from '../../../../sidecar/edits/measuredEdits.ts';
import type { ScriptSituation } from '../../../../sidecar/engine/scripted/script.ts';
import { systemClock } from '../../../../sidecar/process/clock.ts';
import { entropyRule, uncalibratedThresholds } from '../../../../sidecar/reasoning/difficulty/entropyRule.ts';
import { defaultSettings } from '../../../../sidecar/validation/sidecarSettings.ts';
import { pythonEdit } from '../../../support/edits/pythonEdit.ts';
import { scriptedModel } from '../../../support/engine/scriptedRequest.ts';
import { shippedParser } from '../../../support/machine/shippedGrammars.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';
import { unconfined } from '../../../support/verify/isolation.ts';
import { withoutFallback } from '../../../support/sidecar/withoutFallback.ts';

const right = '```python\n    return a + b\n```';
const measured: EditMeasurements = {
  rows: [
    {
      model: 'tiny',
      sha256: 'weak',
      sizeBytes: 1,
      weightCount: 1,
      cases: 10,
      passed: 4,
    },
  ],
  larger: { model: 'large', sizeBytes: 2 },
};

/** Edits by a model with a row of its own; counts what it is asked and which leases are out. */
function editing(storePath: string, { answer = right, tokensPerDay = 0, verifyCommand = '' } = {}) {
  const settings = { ...defaultSettings, storePath, tokensPerDay, verifyCommand };
  const stores = openStores(settings, { environment: {}, clock: systemClock }, () => undefined);
  const daily = new DailyBudget(
    () => stores.spending,
    () => tokensPerDay,
    { note: () => undefined },
  );
  const counts = { asked: 0, leases: 0 };
  const script = ({ text }: ScriptSituation): string => {
    counts.asked += 1;
    return restOf(answer, text);
  };
  const speeds: (number | null)[] = [];
  const edits = new Edits({
    ...withoutFallback({
      assign: () => undefined,
      acquire: async () => {
        counts.leases += 1;
        return {
          model: await scriptedModel(script, {
            info: { identity: { name: 'tiny', hash: 'weak', hashKind: 'sha256' } },
          }),
          estimator: entropyRule(uncalibratedThresholds),
          notes: [],
          release: () => {
            counts.leases -= 1;
          },
        };
      },
    }),
    settings: () => settings,
    stores: () => stores,
    daily,
    running: new RunningRequests(),
    clock: systemClock,
    codeParser: shippedParser,
    workspacePath: () => (verifyCommand === '' ? null : storePath),
    isolation: unconfined,
    nextRequestId: () => 'edit-1',
    drawSeed: () => 1,
    measured,
    noteSpeed: (_model, speed) => speeds.push(speed),
    log: () => undefined,
    onTraceFailure: (error) => {
      throw error;
    },
  });
  const events: TraceEvent[] = [];
  const edit = (changes: Partial<EditParams>) =>
    edits.edit(pythonEdit(changes), (batch) => events.push(...batch), new AbortController().signal);
  return { edit, events, counts, daily, speeds };
}

/** What of an answer is not written yet at the end of a text. */
function restOf(answer: string, text: string): string {
  let written = answer.length;
  while (!text.endsWith(answer.slice(0, written))) written -= 1;
  return answer.slice(written);
}

test('a model that was measured to be too weak is not asked, unless the user insists', async () => {
  await using folder = await temporaryFolder();
  const { edit, counts, daily, speeds } = editing(folder.path);
  await expect(edit({})).rejects.toMatchObject({ code: 'model.tooWeak' });
  expect(counts).toEqual({ asked: 0, leases: 0 });
  expect(await edit({ force: true })).toMatchObject({ noEdit: null, syntaxError: null, model: 'tiny' });
  expect(counts).toEqual({ asked: 1, leases: 0 });
  expect(speeds).toHaveLength(1);
  await daily.settled();
});

test('a weak model is asked for what no bench measures', async () => {
  await using folder = await temporaryFolder();
  const { edit, daily } = editing(folder.path, {
    answer: '```python\n    # The difference.\n    return a - b\n```',
  });
  expect(await edit({ kind: 'document', instruction: '' })).toMatchObject({ noEdit: null, model: 'tiny' });
  await daily.settled();
});

test('a weak model is asked where a test judges what it writes, and not where one could', async () => {
  await using folder = await temporaryFolder();
  const document = { ...pythonEdit().document, workspaceFolder: folder.path };
  const race = { document, strategy: 'directBestOfN', candidates: 1 } as const;
  await expect(editing(folder.path).edit(race)).rejects.toMatchObject({ code: 'model.tooWeak' });
  const verifyCommand = 'grep -q "a + b" sums.py';
  const { edit, daily } = editing(folder.path, { verifyCommand });
  await expect(edit({ document })).rejects.toMatchObject({ code: 'model.tooWeak' });
  const verification = { command: verifyCommand, outcome: 'passed' };
  expect(await edit(race)).toMatchObject({ model: 'tiny', verification });
  await daily.settled();
});

test.each([
  [
    'passes without it',
    'true',
    /"true" passes on the file as it is, so it cannot judge the edit\. .* is not asked/,
  ],
  ['cannot run', 'no-such-program', /"no-such-program" could not be run: .*not found/],
])('a weak model is not asked where the test %s', async (_what, verifyCommand, said) => {
  await using folder = await temporaryFolder();
  const document = { ...pythonEdit().document, workspaceFolder: folder.path };
  const { edit, counts } = editing(folder.path, { verifyCommand });
  await expect(edit({ document, strategy: 'directBestOfN' })).rejects.toMatchObject({
    code: 'model.tooWeak',
    message: expect.stringMatching(said) as string,
  });
  expect(counts).toEqual({ asked: 0, leases: 0 });
});

test('an edit that does not fit gives its model back', async () => {
  await using folder = await temporaryFolder();
  const { edit, counts } = editing(folder.path);
  const text = 'x = 1\n'.repeat(3000);
  const range = { start: { line: 0, character: 0 }, end: { line: 3000, character: 0 } };
  const document = { ...pythonEdit().document, text };
  await expect(edit({ force: true, document, range })).rejects.toMatchObject({ code: 'context.exceeded' });
  expect(counts).toEqual({ asked: 0, leases: 0 });
});

test('an edit keeps to what the day has left, and says that it was cut off', async () => {
  await using folder = await temporaryFolder();
  const lines = Array.from({ length: 400 }, (_, index) => `    value${index} = ${index}`).join('\n');
  const answer = '```python\n' + lines + '\n```';
  const { edit, events, daily } = editing(folder.path, { answer, tokensPerDay: 100 });
  const result = await edit({ force: true });
  expect(result).toMatchObject({ edits: [], noEdit: 'cutOff', reason: 'budgetExhausted' });
  expect(result.ledger.tokens.answer).toBeLessThanOrEqual(128);
  expect(events.at(0)).toMatchObject({
    type: 'request/started',
    title: expect.stringMatching(/^Edit sums.py/) as string,
  });
  await daily.settled();
});

test('an edit after which the document does not parse says where', async () => {
  await using folder = await temporaryFolder();
  const { edit, daily } = editing(folder.path, { answer: '```python\n    return (a + b\n```' });
  expect(await edit({ force: true })).toMatchObject({ noEdit: null, syntaxError: { line: 2 } });
  await daily.settled();
});

test('a model that goes on with tests is stopped after those that are wanted, which are kept', async () => {
  await using folder = await temporaryFolder();
  const tests = Array.from(
    { length: 40 },
    (_, n) => `def test_add_${n}():\n    assert add(0, ${n}) == ${n}\n`,
  );
  const answer = `\`\`\`python\n${tests.join('\n')}\`\`\`\nThese are forty.`;
  const { edit, daily } = editing(folder.path, { answer });
  const end = { line: 5, character: 0 };
  const result = await edit({ force: true, kind: 'tests', instruction: '', range: { start: end, end } });
  expect(result).toMatchObject({ noEdit: null, reason: 'answered' });
  expect(result.text).toContain('def test_add_5():');
  expect(result.text).not.toContain('assert add(0, 5)');
  expect(result.edits.map(({ newText }) => newText).join('')).toContain('assert add(0, 4)');
  expect(result.edits.map(({ newText }) => newText).join('')).not.toContain('test_add_5');
  await daily.settled();
});
