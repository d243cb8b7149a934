import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { generatedTokenCount } from '../../../../../protocol/budget.ts';
import type { Script } from '../../../../../sidecar/engine/scripted/script.ts';
import { systemClock } from '../../../../../sidecar/process/clock.ts';
import { Steering } from '../../../../../sidecar/request/steering.ts';
import type { CodeParser } from '../../../../../sidecar/verify/codeParser.ts';
import { type CodeVerifier, workspaceVerifier } from '../../../../../sidecar/verify/codeVerifier.ts';
import { confinementOf } from '../../../../../sidecar/verify/confinement/sandbox.ts';
import { runScripted, type ScriptedRun } from '../../../../support/engine/scriptedRequest.ts';
import { ManualClock } from '../../../../support/machine/manualClock.ts';
import { shippedParser } from '../../../../support/machine/shippedGrammars.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';
import { expectGolden } from '../../../../support/trace/golden.ts';
import { renderTrace } from '../../../../support/trace/traceText.ts';
import { noSandbox, unconfined } from '../../../../support/verify/isolation.ts';

const question = 'Write a JavaScript function that adds two numbers.';
const right = 'exports.add = (a, b) => a + b;';
const wrong = 'exports.add = (a, b) => a - b;';
const other = 'exports.add = (a, b) => a * b;';
const broken = 'exports.add = (a, b => a + b;';

const block = (code: string): string => `\`\`\`js\n${code}\n\`\`\`\n`;
/** The same program with so many more words around it. */
const later = (code: string, words: number): string => `${'well, '.repeat(words)}here:\n${block(code)}`;

/** Candidates that write these texts; what is asked to be repaired becomes the last. */
function script(texts: readonly string[], repaired = right): Script {
  return ({ sequence, text }) => (isRepair(text) ? block(repaired) : (texts[sequence] ?? ''));
}

function isRepair(text: string): boolean {
  return text.includes('Find the error and correct it.');
}

/** Passes what adds. Notes what it is given. */
function adding(tested: string[] = [], onTest: () => void = () => undefined): CodeVerifier {
  const confinement = confinementOf(noSandbox);
  return {
    command: 'test',
    verify: ({ text }, _attachment, signal) => {
      onTest();
      const rest = { durationMs: 0, confinement };
      if (signal.aborted)
        return Promise.resolve({ outcome: 'cancelled', exitCode: null, output: '', ...rest });
      tested.push(text);
      return Promise.resolve(
        text.includes('a + b;') && !text.includes('(a, b =>')
          ? { outcome: 'passed', exitCode: 0, output: '', ...rest }
          : { outcome: 'failed', exitCode: 1, output: `2 and 3 do not make 5: ${text}`, ...rest },
      );
    },
  };
}

function asked(texts: readonly string[], run: ScriptedRun & { readonly repaired?: string } = {}) {
  return runScripted(script(texts, run.repaired), {
    ...run,
    request: { strategy: 'directBestOfN', question, candidateCount: texts.length, ...run.request },
    dependencies: { verifier: adding(), codeParser: shippedParser, ...run.dependencies },
  });
}

const all = { consensus: 'off', trialConfidence: 0, steadyAnswers: false, confidencePruning: 'off' } as const;

describe('directBestOfN', () => {
  test('is one greedy program and sampled ones, without a thought', async () => {
    const { state } = await asked([block(right), later(wrong, 1), later(wrong, 2), later(wrong, 3)]);
    expect(state.candidates.map(({ sampler }) => sampler.temperature)).toEqual([0, 0.8, 0.8, 0.8]);
    expect(state.ledger.tokens.thought).toBe(0);
    const { state: warm } = await asked([block(right), later(wrong, 1)], { request: { temperature: 0.3 } });
    expect(warm.candidates.map(({ sampler }) => sampler.temperature)).toEqual([0, 0.3]);
  });

  test('ends the rest where one passes, and says so', async () => {
    await using folder = await temporaryFolder();
    await writeFile(
      path.join(folder.path, 'test.js'),
      'const { add } = require(process.env.ENTROPANE_CANDIDATE); if (add(2, 3) !== 5) { console.log(`2 + 3 = ${add(2, 3)}`); process.exit(1); }',
    );
    const verifier = workspaceVerifier(folder.path, {
      command: 'node test.js',
      timeoutMs: 10_000,
      isolation: unconfined,
      clock: systemClock,
    });
    const texts = [block(wrong), later(right, 4), later(right, 40)];
    const { state, events, result } = await asked(texts, { dependencies: { verifier } });
    expectGolden('directBestOfN', renderTrace(state, events));
    expect(result?.text).toBe(texts[1]);
    expect(state.candidates.map(({ end }) => end)).toEqual(['finished', 'finished', 'pruned']);
    expect(state.candidates[2]?.tokenCount).toBeLessThan(30);
    expect(state.verifications.map(({ candidateId, outcome }) => [candidateId, outcome])).toEqual([
      [0, 'failed'],
      [1, 'passed'],
    ]);
    expect(state.decisions.map(({ kind }) => kind)).toEqual(['testPassed', 'candidatePruned']);
  });

  test('tests the greedy program before others that have ended, and takes it where it passes', async () => {
    const tested: string[] = [];
    const { state } = await asked([later(right, 6), block(right.replace('a + b', 'b + a + b;'))], {
      dependencies: { verifier: adding(tested) },
    });
    expect(tested).toEqual([right]);
    expect(state.selected?.candidateId).toBe(0);
  });

  test('does not wait for a greedy program that is more than twice as long', async () => {
    const { state } = await asked([later(wrong, 200), block(right)]);
    expect(state.selected?.candidateId).toBe(1);
    expect(state.candidates[0]).toMatchObject({ end: 'pruned' });
    expect(state.candidates[0]?.tokenCount).toBeLessThan(60);
  });

  test('with consensus off all are tested, and those that pass vote', async () => {
    const longer = right.replace('exports.add', 'exports.add = exports.sum');
    const texts = [block(right), later(longer, 1), later(wrong, 2), later(longer, 3)];
    const { state } = await asked(texts, { request: { earlyStopping: all } });
    expect(state.verifications.map(({ outcome }) => outcome).toSorted()).toEqual([
      'failed',
      'passed',
      'passed',
    ]);
    expect(state.vote?.tallies.map(({ candidateIds }) => candidateIds)).toEqual([[1, 3], [0], [2]]);
    expect(state.selected?.candidateId).toBe(1);
  });

  test('takes the greedy program where neither tests nor votes tell them apart', async () => {
    const { state } = await asked([later(wrong, 9), block(other), later(right, 3)], {
      dependencies: { verifier: null },
    });
    expect(state.selected?.candidateId).toBe(0);
    expect(state.decisions.map(({ kind }) => kind)).toEqual(['selectionFellBack']);
    expect(state.candidates).toHaveLength(3);
  });

  test('lets another selector decide among programs that are as good as the best', async () => {
    const texts = [block(wrong), later(right, 4)];
    const { state } = await asked(texts, { request: { selector: 'majority', earlyStopping: all } });
    expect(state.vote).toMatchObject({ selector: 'majority', tallies: [{ candidateIds: [1] }] });
    expect(state.selected?.candidateId).toBe(1);
  });

  test('votes where nobody writes code', async () => {
    const { state } = await asked(['It is so.', 'No.', 'It is so.']);
    expect(state.verifications).toEqual([]);
    expect(state.decisions.map(({ kind }) => kind)).not.toContain('repairBegun');
    expect(state.candidates).toHaveLength(3);
  });
});

test('reads no further program once the time is over', async () => {
  const clock = new ManualClock();
  const read: string[] = [];
  const codeParser: CodeParser = {
    read: (code, replaced) => {
      read.push(code.text);
      clock.advance(1000);
      return shippedParser.read(code, replaced);
    },
  };
  const { state } = await asked([block(broken), later(wrong, 2), later(other, 4)], {
    request: { budget: { durationMs: 500 }, earlyStopping: all },
    dependencies: { codeParser, verifier: null, clock },
  });
  expect(read).toHaveLength(1);
  expect(state.decisions.map(({ kind }) => kind)).toContain('codeNotParsed');
  expect(state.candidates).toHaveLength(3);
});

describe('the repair of directBestOfN', () => {
  test('follows where none passes, with the text of the failure, and names whose program it is', async () => {
    let prompt = '';
    const { state, events, result } = await runScripted(
      (situation) => {
        if (isRepair(situation.text)) prompt = situation.text;
        return script([block(wrong), later(other, 3)])(situation);
      },
      {
        request: { strategy: 'directBestOfN', question, candidateCount: 2 },
        dependencies: { verifier: adding(), codeParser: shippedParser },
      },
    );
    expectGolden('directBestOfNRepair', renderTrace(state, events));
    expect(prompt).toContain(`2 and 3 do not make 5: ${wrong}`);
    expect(prompt).toContain(`\`\`\`javascript\n${wrong}\n`);
    expect(state.candidates.map(({ repairs, parent }) => [repairs, parent])).toEqual([
      [null, null],
      [null, null],
      [0, null],
    ]);
    expect(state.candidates[2]?.sampler.temperature).toBe(0);
    expect(result?.text).toBe(block(right));
    expect(state.ledger.tokens.prompt).toBeGreaterThan(state.started?.promptTokenCount ?? Infinity);
  });

  test('is done once at most, and what was there first stays where it fails, too', async () => {
    const { state } = await asked([block(wrong), later(wrong, 3)], { repaired: other });
    expect(state.candidates).toHaveLength(3);
    expect(state.verifications.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
    expect(state.selected?.candidateId).toBe(0);
  });

  test('is left out where it is switched off', async () => {
    const { state } = await asked([block(wrong), later(other, 3)], { request: { repair: false } });
    expect(state.candidates).toHaveLength(2);
    expect(state.decisions.map(({ kind }) => kind)).toEqual(['selectionFellBack']);
  });

  test('serves one candidate alone', async () => {
    const { state, result } = await asked([block(wrong)]);
    expect(state.candidates).toHaveLength(2);
    expect(result?.text).toBe(block(right));
  });

  test('mends what does not parse, also without a test command', async () => {
    const { state, result } = await asked([block(broken), later(broken, 2)], {
      dependencies: { verifier: null },
    });
    expect(state.candidates[2]?.repairs).toBe(0);
    expect(result?.text).toBe(block(right));
  });

  test('shows no more than the ends of a long report', async () => {
    let prompt = '';
    const report = `first ${'x'.repeat(5000)} last`;
    const loud = adding();
    const verify: CodeVerifier['verify'] = async (...args) => ({
      ...(await loud.verify(...args)),
      outcome: 'failed',
      exitCode: 1,
      output: report,
    });
    await runScripted(
      (situation) => {
        if (isRepair(situation.text)) prompt = situation.text;
        return script([block(wrong)])(situation);
      },
      {
        request: { strategy: 'directBestOfN', question },
        dependencies: { verifier: { ...loud, verify }, codeParser: shippedParser },
      },
    );
    expect(prompt).toMatch(/first x+\n… \d+ characters left out …\nx+ last/u);
    expect(prompt.length).toBeLessThan(2600);
  });

  test('is left out where the budget has no room, which is not overspent', async () => {
    const texts = [block(wrong), later(wrong, 3)];
    const free = await asked(texts, { request: { repair: false } });
    const generatedTokens = generatedTokenCount(free.state.ledger) + 4;
    const { state } = await asked(texts, { request: { budget: { generatedTokens } } });
    expect(generatedTokenCount(state.ledger)).toBeLessThanOrEqual(generatedTokens);
    expect(state.candidates).toHaveLength(2);
  });

  test('is left out where the context has no room, and the log says why', async () => {
    const texts = [block(wrong)];
    const { state } = await asked(texts, { engine: { contextTokens: 90 } });
    expect(state.candidates).toHaveLength(1);
    expect(state.decisions).toContainEqual(
      expect.objectContaining({ kind: 'repairLeftOut', candidateId: 0 }),
    );
  });
});

describe('a user who steers directBestOfN', () => {
  const texts = [block(wrong), later(other, 30), later(right, 60)];

  test('gets what is written when asked for the answer, untested and unrepaired', async () => {
    const steering = new Steering();
    const { state, result } = await asked(texts, {
      dependencies: { steering, verifier: adding([], () => steering.steer('answerNow')) },
    });
    expect(result).toMatchObject({ reason: 'answered', text: texts[0] });
    expect(state.candidates.map(({ end }) => end)).toEqual(['finished', 'pruned', 'pruned']);
    expect(state.decisions.map(({ kind }) => kind)).toContain('answerNow');
  });

  test('gets the greedy program where none is whole yet', async () => {
    const steering = new Steering();
    const long = texts.map((text) => `so ${text}`);
    const { state, result } = await asked(long, {
      dependencies: { steering },
      onEvent: ({ type }) => {
        if (type === 'tokens/appended') steering.steer('answerNow');
      },
    });
    expect(result).toMatchObject({ reason: 'answered', text: long[0] });
    expect(state.candidates.map(({ end }) => end)).toEqual(['finished', 'pruned', 'pruned']);
    expect(state.verifications).toEqual([]);
  });

  test.each(['answerNow', 'stop', 'cancel'] as const)('ends a repair: %s', async (action) => {
    const steering = new Steering();
    const cancellation = new AbortController();
    const { state, result, events } = await asked([block(wrong)], {
      dependencies: { steering },
      signal: cancellation.signal,
      onEvent: (event) => {
        if (event.type !== 'tokens/appended' || event.candidateId !== 1) return;
        if (action === 'cancel') cancellation.abort();
        else steering.steer(action);
      },
    });
    const reasons = { answerNow: 'answered', stop: 'stoppedByUser', cancel: 'cancelled' } as const;
    expect(result?.reason).toBe(reasons[action]);
    if (action !== 'cancel') expect(result?.text).toBe(block(wrong));
    expect(state.candidates.map(({ end }) => end)).not.toContain(null);
    expect(events.filter(({ type }) => type === 'request/finished')).toHaveLength(1);
  });
});
