import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { scriptBySequence } from '../../../../../sidecar/engine/scripted/script.ts';
import { systemClock } from '../../../../../sidecar/process/clock.ts';
import { Steering } from '../../../../../sidecar/request/steering.ts';
import { type CodeVerifier, workspaceVerifier } from '../../../../../sidecar/verify/codeVerifier.ts';
import { type CodeParser, grammarParser } from '../../../../../sidecar/verify/codeParser.ts';
import { runScripted, type ScriptedRun } from '../../../../support/engine/scriptedRequest.ts';
import { unconfined } from '../../../../support/verify/isolation.ts';
import { ManualClock } from '../../../../support/machine/manualClock.ts';
import { shippedParser } from '../../../../support/machine/shippedGrammars.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';
import { expectGolden } from '../../../../support/trace/golden.ts';
import { renderTrace } from '../../../../support/trace/traceText.ts';

const before = 'exports.add = (a, b) => 0;\n';
const wrong = 'exports.add = (a, b) => a - b;';
const right = 'exports.add = (a, b) => a + b;';
const hanging = 'for (;;);';
const broken = 'exports.add = (a, b => a + b;';
const attachment = { languageId: 'javascript', path: 'add.js', text: before };

const oneError = { errorCount: 1, firstError: { line: 1, column: 1 } };

/** Line by line, as an answer is generated while its block is open. */
const answerWith = (code: string): readonly string[] => [
  'Let me think.\nFinal answer:',
  ' ```js\n',
  `${code}\n`,
  '```\n',
];

/** Asks candidates that write this code, in a workspace whose test wants a sum. */
async function asked(codes: readonly string[], run: ScriptedRun & { readonly command?: string | null } = {}) {
  await using folder = await temporaryFolder();
  await mkdir(path.join(folder.path, 'test'));
  await writeFile(path.join(folder.path, 'add.js'), before);
  await writeFile(
    path.join(folder.path, 'test/add.js'),
    "const { add } = require('../add.js'); if (add(2, 3) !== 5) { console.log(`2 + 3 = ${add(2, 3)}`); process.exit(1); }",
  );
  const { command = 'node test/add.js' } = run;
  const outcome = await runScripted(scriptBySequence(codes.map(answerWith)), {
    ...run,
    request: {
      strategy: 'selfConsistency',
      selector: 'verifiedCode',
      candidateCount: codes.length,
      attachment,
      ...run.request,
    },
    dependencies: {
      verifier:
        command === null
          ? null
          : workspaceVerifier(folder.path, {
              command,
              timeoutMs: 10_000,
              isolation: unconfined,
              clock: systemClock,
            }),
      codeParser: shippedParser,
      ...run.dependencies,
    },
  });
  return { ...outcome, text: outcome.result?.text ?? '' };
}

const copies = async (): Promise<readonly string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith('entropane-verify-'));

describe('verifiedCode', () => {
  test('takes the code that passes, against any number of votes, and says what came out', async () => {
    const { state, events, text } = await asked([broken, broken, wrong, wrong, right]);
    expect(text).toContain(right);
    expectGolden('selector.verifiedCode', renderTrace(state, events));
    expect(state.verifications.map(({ outcome, output }) => [outcome, output])).toEqual([
      ['failed', '2 + 3 = -1'],
      ['passed', ''],
    ]);
  });

  test.each([
    ['Write a function that adds two numbers.', right, [0], ['passed']],
    ['Write a function that adds two numbers.', wrong, [0], ['failed']],
    ['Write a function that adds two numbers.', broken, [1], ['failed']],
    ['What does this function do?', right, [], []],
  ] as const)(
    'of one candidate that was asked "%s" says whether %s is right',
    async (question, code, errors, outcomes) => {
      const { state, text } = await asked([code], { request: { question, candidateCount: 1 } });
      expect(text).toContain(code);
      expect(state.parsings.map(({ errorCount }) => errorCount)).toEqual(errors);
      expect(state.verifications.map(({ outcome }) => outcome)).toEqual(outcomes);
    },
  );

  test('tests what several wrote once, and nothing behind the first that passes', async () => {
    const { state } = await asked([right, wrong, right, hanging]);
    expect(state.verifications.map(({ candidateId }) => candidateId)).toEqual([0]);
    expect(state.vote?.tallies.map(({ candidateIds }) => candidateIds)[0]).toEqual([0, 2]);
  });

  test('goes by votes where nothing passes, and says so', async () => {
    const { state, text } = await asked([wrong, 'exports.add = 1;', wrong]);
    expect(text).toContain(wrong);
    expect(state.verifications).toHaveLength(2);
    expect(state.decisions.map(({ kind }) => kind)).toEqual(['selectionFellBack']);
  });

  test('goes by votes without a command, and where nobody wrote code', async () => {
    const without = await asked([wrong, wrong, right], { command: null });
    expect(without.text).toContain(wrong);
    expect(without.state.decisions.map(({ why }) => why)).toEqual([
      expect.stringContaining('No test command is set'),
    ]);
    const prose = await runScripted(scriptBySequence([['It is so.\nFinal answer:', ' 12\n']]), {
      request: { strategy: 'selfConsistency', selector: 'verifiedCode', candidateCount: 2 },
    });
    expect(prose.state.vote?.selector).toBe('majority');
  });

  test('tests what does not parse last, and takes it where it passes all the same', async () => {
    const first = await asked([broken, broken, right]);
    expect(first.state.verifications.map(({ candidateId }) => candidateId)).toEqual([2]);
    expect(first.state.parsings.map(({ candidateId, errorCount }) => [candidateId, errorCount > 0])).toEqual([
      [0, true],
      [2, false],
    ]);
    // As a grammar would have it that does not know the newest syntax.
    const suspicious: CodeParser = {
      read: ({ text }) => Promise.resolve(text === right ? oneError : { errorCount: 0, firstError: null }),
    };
    const late = await asked([right, wrong], { dependencies: { codeParser: suspicious } });
    expect(late.state.verifications.map(({ candidateId }) => candidateId)).toEqual([1, 0]);
    expect(late.text).toContain(right);
  });

  test('prefers code that parses where no test command is set, and says so', async () => {
    const { state, text } = await asked([broken, broken, wrong], { command: null });
    expect(text).toContain(wrong);
    expect(state.vote?.tallies.map(({ candidateIds }) => candidateIds)).toEqual([[2], [0, 1]]);
    expect(state.decisions.map(({ why }) => why)).toEqual([
      expect.stringContaining('of the code that parses what has most votes'),
    ]);
  });

  test('holds code against nobody that it cannot read, and says why', async () => {
    await using nothing = await temporaryFolder();
    const codeParser = grammarParser(nothing.path, { clock: systemClock });
    const { state, text } = await asked([broken, broken, wrong], {
      command: null,
      dependencies: { codeParser },
    });
    expect(text).toContain(broken);
    expect(state.parsings).toEqual([]);
    expect(state.decisions.map(({ kind, why }) => [kind, why])).toEqual([
      ['codeNotParsed', expect.stringContaining('tree-sitter.wasm')],
      ['selectionFellBack', expect.any(String)],
    ]);
    expect(state.status.type).toBe('finished');
  });

  test('ends a test when the time of the request is over, which speaks against no code', async () => {
    await using folder = await temporaryFolder();
    await writeFile(path.join(folder.path, 'add.js'), before);
    const clock = new ManualClock();
    const inner = workspaceVerifier(folder.path, {
      command: 'node add.js',
      timeoutMs: 60_000,
      isolation: unconfined,
      clock: systemClock,
    });
    const verifier: CodeVerifier = {
      command: inner.command,
      verify: (...args) => {
        const run = inner.verify(...args);
        clock.advance(900);
        return run;
      },
    };
    const { state, text } = await asked([hanging, wrong, hanging], {
      request: { budget: { durationMs: 900 } },
      dependencies: { clock, verifier },
    });
    expect(state.verifications.map(({ outcome }) => outcome)).toEqual(['cancelled']);
    expect(state.decisions.at(-1)?.why).toContain('the time was used up');
    expect(text).toContain(hanging);
    expect(state.status.type).toBe('finished');
  });

  test('is broken off by a stop while a test runs, and leaves no copy behind', async () => {
    await using folder = await temporaryFolder();
    await writeFile(path.join(folder.path, 'add.js'), before);
    const held = await copies();
    const steering = new Steering();
    const inner = workspaceVerifier(folder.path, {
      command: 'node add.js',
      timeoutMs: 60_000,
      isolation: unconfined,
      clock: systemClock,
    });
    const verifier: CodeVerifier = {
      command: inner.command,
      verify: (...args) => {
        const run = inner.verify(...args);
        steering.steer('stop');
        return run;
      },
    };
    const { state, result } = await asked([hanging, wrong], { dependencies: { steering, verifier } });
    expect(result?.reason).toBe('stoppedByUser');
    expect(state.verifications.map(({ outcome }) => outcome)).toEqual(['cancelled']);
    expect(state.decisions.at(-1)?.why).toContain('broken off');
    expect((await copies()).filter((name) => !held.includes(name))).toEqual([]);
  });

  test('says why code could not be tested where it has no place', async () => {
    const two = await asked([right, wrong], { request: { attachment: { ...attachment, text: 'other' } } });
    expect(two.state.verifications.map(({ outcome }) => outcome)).toEqual(['notStarted', 'notStarted']);
    expect(two.state.verifications[0]?.output).toContain('add.js');
  });
});
