import { describe, expect, it } from 'vitest';
import { scriptBySequence, type ScriptedPart } from '../../../../sidecar/engine/scripted/script.ts';
import { lessonsOf } from '../../../../sidecar/strategies/memory/lessons.ts';
import { problemSignature } from '../../../../sidecar/strategies/memory/problemSignature.ts';
import { rememberLessons } from '../../../../sidecar/strategies/memory/rememberLessons.ts';
import { StrategyMemoryFile } from '../../../../sidecar/strategies/memory/strategyMemoryFile.ts';
import { runRequest } from '../../../../sidecar/strategies/requestRunner.ts';
import type { CodeVerifier } from '../../../../sidecar/verify/codeVerifier.ts';
import { expectGolden } from '../../../support/golden.ts';
import { ManualClock } from '../../../support/manualClock.ts';
import { runScripted, type ScriptedRun } from '../../../support/scriptedRequest.ts';
import { temporaryFolder } from '../../../support/temporaryFolder.ts';
import { renderTrace } from '../../../support/traceText.ts';

const giving = (answer: string): readonly ScriptedPart[] => [`So it is.\nFinal answer:`, ` ${answer}\n`];
const voted = async (answers: readonly string[], request: ScriptedRun['request'] = {}) =>
  runScripted(scriptBySequence(answers.map(giving)), {
    request: {
      strategy: 'selfConsistency',
      candidateCount: answers.length,
      earlyStopping: { consensus: 'off', trialConfidence: 0, steadyAnswers: false, confidencePruning: 'off' },
      ...request,
    },
  });

describe('a finished request teaches', () => {
  it('that a vote was worth it where the first thought alone would have been wrong', async () => {
    const { state } = await voted(['9', '12', '12']);
    expect(lessonsOf(state)).toEqual([
      { strategy: 'selfConsistency', hasWon: true, tokens: expect.any(Number) as number },
      { strategy: 'chainOfThought', hasWon: false, tokens: state.candidates[0]?.tokenCount },
    ]);
  });

  it('that a single thought does as well where it agrees with the vote', async () => {
    const lessons = lessonsOf((await voted(['12', '12', '9'])).state);
    expect(lessons.map(({ hasWon }) => hasWon)).toEqual([true, true]);
  });

  it('that nobody won where no majority agrees', async () => {
    for (const answers of [
      ['1', '2', '3'],
      ['1', '1', '2', '3'],
    ]) {
      const lessons = lessonsOf((await voted(answers)).state);
      expect(lessons.map(({ hasWon }) => hasWon)).toEqual([false, false]);
    }
  });

  it('of a single thought what it took, and nothing else', async () => {
    const { state } = await voted(['12'], { strategy: 'chainOfThought' });
    expect(lessonsOf(state)).toEqual([
      { strategy: 'chainOfThought', hasWon: null, tokens: state.candidates[0]?.tokenCount },
    ]);
  });

  it("by the user's command what passed and what failed, whatever the votes", async () => {
    const outcomes = ['failed', 'passed'] as const;
    for (const passesOnlyLast of [true, false]) {
      let runs = 0;
      const verifier: CodeVerifier = {
        command: 'test',
        verify: () => {
          const outcome = outcomes[passesOnlyLast ? runs : 0] ?? 'failed';
          runs += 1;
          return Promise.resolve({ outcome, exitCode: 0, output: '', durationMs: 1 });
        },
      };
      const writing = (code: string) => ['So.\nFinal answer:', ' ```js\n', `${code}\n`, '```\n'];
      const { state } = await runScripted(scriptBySequence([writing('a()'), writing('b()')]), {
        request: { strategy: 'selfConsistency', selector: 'verifiedCode', candidateCount: 2 },
        dependencies: { verifier },
      });
      expect(state.verifications).toHaveLength(2);
      expect(lessonsOf(state)).toMatchObject([{ strategy: 'selfConsistency', hasWon: passesOnlyLast }]);
    }
  });

  it('nothing where it was cancelled, or failed', async () => {
    const cancelled = new AbortController();
    const { state } = await runScripted(scriptBySequence([giving('12')]), {
      signal: cancelled.signal,
      onEvent: ({ type }) => {
        if (type === 'candidate/opened') cancelled.abort();
      },
    });
    expect(state.status).toMatchObject({ type: 'finished', reason: 'cancelled' });
    expect(lessonsOf(state)).toEqual([]);
  });
});

describe('auto with a memory', () => {
  const question = 'How many legs do three cats have?';
  const signature = problemSignature({ question, attachment: null }, 'easy');

  it('takes what came out well on such questions, and the trace says why', async () => {
    await using folder = await temporaryFolder();
    const memory = new StrategyMemoryFile(folder.path, new ManualClock());
    const lost = { strategy: 'chainOfThought', hasWon: false, tokens: 40 } as const;
    const won = { strategy: 'selfConsistency', hasWon: true, tokens: 90 } as const;
    for (let run = 0; run < 30; run++) await memory.learn(signature, [lost, won]);
    const { state, events } = await runScripted(scriptBySequence([giving('9'), giving('12'), giving('12')]), {
      request: { strategy: 'auto', difficulty: 'easy', candidateCount: 3 },
      dependencies: { memory },
    });
    expect(state.difficulty).toMatchObject({ strategy: 'selfConsistency', temperature: 0.7 });
    expectGolden('autoRemembered', renderTrace(state, events));
  });

  it('has nothing to choose where code is talked about', async () => {
    await using folder = await temporaryFolder();
    const { state } = await runScripted(scriptBySequence([['It adds.']]), {
      request: { strategy: 'auto', attachment: { languageId: 'python', path: 'a.py', text: 'x' } },
      dependencies: { memory: new StrategyMemoryFile(folder.path, new ManualClock()) },
    });
    expect(state.decisions).toEqual([]);
    expect(state.difficulty?.strategy).toBe('direct');
  });

  it('keeps what a request taught once it has ended, under the kind of its question', async () => {
    await using folder = await temporaryFolder();
    const memory = new StrategyMemoryFile(folder.path, new ManualClock());
    const failures: unknown[] = [];
    const learning = {
      memory,
      question,
      attachment: null,
      onFailure: (error: unknown) => failures.push(error),
    };
    const { result } = await runScripted(scriptBySequence([giving('12'), giving('12')]), {
      request: { strategy: 'selfConsistency', candidateCount: 2 },
      run: (...parts: Parameters<typeof runRequest>) => rememberLessons(runRequest(...parts), learning),
    });
    expect(result?.answer).toBe('12');
    expect(failures).toEqual([]);
    const { signatures } = await memory.read();
    expect(signatures[signature]?.strategies.selfConsistency).toMatchObject({ tries: 1, wins: 1, runs: 1 });
  });
});
