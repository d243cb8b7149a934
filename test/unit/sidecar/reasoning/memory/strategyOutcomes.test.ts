import { describe, expect, it } from 'vitest';
import { generatedTokenCount } from '../../../../../protocol/budget.ts';
import type { TraceEvent } from '../../../../../protocol/traceEvent.ts';
import { scriptBySequence, type ScriptedPart } from '../../../../../sidecar/engine/scripted/script.ts';
import { outcomesOf } from '../../../../../sidecar/reasoning/memory/strategyOutcomes.ts';
import { problemSignature } from '../../../../../sidecar/reasoning/memory/problemSignature.ts';
import { OutcomeObserver } from '../../../../../sidecar/reasoning/memory/outcomeObserver.ts';
import { StrategyMemoryFile } from '../../../../../sidecar/reasoning/memory/strategyMemoryFile.ts';
import { runRequest } from '../../../../../sidecar/reasoning/run/requestRunner.ts';
import { Steering } from '../../../../../sidecar/request/steering.ts';
import type { CodeVerifier } from '../../../../../sidecar/verify/codeVerifier.ts';
import { confinementOf } from '../../../../../sidecar/verify/confinement/sandbox.ts';
import { runScripted, type ScriptedRun } from '../../../../support/engine/scriptedRequest.ts';
import { line, thinking } from '../../../../support/engine/stepScript.ts';
import { noSandbox } from '../../../../support/verify/isolation.ts';
import { ManualClock } from '../../../../support/machine/manualClock.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';
import { expectGolden } from '../../../../support/trace/golden.ts';
import { renderTrace } from '../../../../support/trace/traceText.ts';

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
    expect(outcomesOf(state)).toEqual([
      { strategy: 'selfConsistency', hasWon: true, tokens: expect.any(Number) as number },
      { strategy: 'chainOfThought', hasWon: false, tokens: state.candidates[0]?.tokenCount },
    ]);
  });

  it('that a single thought does as well where it agrees with the vote', async () => {
    const outcomes = outcomesOf((await voted(['12', '12', '9'])).state);
    expect(outcomes.map(({ hasWon }) => hasWon)).toEqual([true, true]);
  });

  it('that nobody won where no majority agrees', async () => {
    for (const answers of [
      ['1', '2', '3'],
      ['1', '1', '2', '3'],
    ]) {
      const outcomes = outcomesOf((await voted(answers)).state);
      expect(outcomes.map(({ hasWon }) => hasWon)).toEqual([false, false]);
    }
  });

  it('of a single thought what it took, and nothing else', async () => {
    const { state } = await voted(['12'], { strategy: 'chainOfThought' });
    expect(outcomesOf(state)).toEqual([
      { strategy: 'chainOfThought', hasWon: null, tokens: state.candidates[0]?.tokenCount },
    ]);
  });

  const endless: readonly ScriptedPart[] = ['And so on '.repeat(100), 'and on '.repeat(300)];
  const silent: readonly ScriptedPart[] = ['I cannot say.', ''];

  it.each([
    ['the first was cut off', [endless, giving('12')], ['truncated', 'finished']],
    ['the second was cut off', [giving('12'), endless], ['finished', 'truncated']],
    ['one gave no answer', [giving('12'), silent], ['finished', 'finished']],
    ['none gave an answer', [silent, silent], ['finished', 'finished']],
  ])('nothing of who was right where fewer than two voted: %s', async (_, script, ends) => {
    const { state } = await runScripted(scriptBySequence(script), {
      request: { strategy: 'selfConsistency', candidateCount: 2, maxThoughtTokens: 40 },
    });
    expect(state.status).toMatchObject({ type: 'finished', reason: 'answered' });
    expect(state.candidates.map(({ end }) => end)).toEqual(ends);
    expect(outcomesOf(state)).toEqual([
      { strategy: 'selfConsistency', hasWon: null, tokens: generatedTokenCount(state.ledger) },
    ]);
  });

  it('nothing of who was right where all others were pruned', async () => {
    const { state } = await runScripted(
      thinking((written, sequence) =>
        written === '' ? line(`Four legs each, by ${sequence}.`, 0.5) : 'Final answer:',
      ),
      {
        request: {
          strategy: 'stepBeam',
          candidateCount: 1,
          maxThoughtTokens: 40,
          stepSearch: { stepChildren: 3 },
        },
      },
    );
    const [finished, ...pruned] = state.candidates.map(({ end }) => end).toSorted();
    expect(finished).toBe('finished');
    expect(new Set(pruned)).toEqual(new Set(['pruned']));
    expect(outcomesOf(state).map(({ hasWon }) => hasWon)).toEqual([null]);
  });

  it("by the user's command what passed and what failed, whatever the votes", async () => {
    const outcomes = ['failed', 'passed'] as const;
    for (const passesOnlyLast of [true, false]) {
      let runs = 0;
      const confinement = confinementOf(noSandbox);
      const verifier: CodeVerifier = {
        command: 'test',
        verify: () => {
          const outcome = outcomes[passesOnlyLast ? runs : 0] ?? 'failed';
          runs += 1;
          return Promise.resolve({ outcome, exitCode: 0, output: '', durationMs: 1, confinement });
        },
      };
      const writing = (code: string) => ['So.\nFinal answer:', ' ```js\n', `${code}\n`, '```\n'];
      const { state } = await runScripted(scriptBySequence([writing('a()'), writing('b()')]), {
        request: { strategy: 'selfConsistency', selector: 'verifiedCode', candidateCount: 2 },
        dependencies: { verifier },
      });
      expect(state.verifications).toHaveLength(2);
      expect(outcomesOf(state)).toMatchObject([{ strategy: 'selfConsistency', hasWon: passesOnlyLast }]);
    }
  });

  /** A vote that something happens to when its first candidate has come to its answer. */
  const interrupted = (happening: () => void) => {
    let closed = 0;
    return {
      request: { strategy: 'selfConsistency', candidateCount: 2 },
      onEvent: ({ type }: TraceEvent) => {
        if (type === 'candidate/closed' && ++closed === 1) happening();
      },
    } as const;
  };
  const later: readonly ScriptedPart[] = [
    'So it is, as it was, and will be for ever.\nFinal answer:',
    ' 12\n',
  ];
  const vote = scriptBySequence([giving('12'), later]);

  it('nothing where it was cancelled', async () => {
    const cancelled = new AbortController();
    const run = interrupted(() => {
      cancelled.abort();
    });
    const { state } = await runScripted(vote, { ...run, signal: cancelled.signal });
    expect(state.status).toMatchObject({ type: 'finished', reason: 'cancelled' });
    expect(outcomesOf(state)).toEqual([]);
  });

  it('nothing where the user stopped it', async () => {
    const steering = new Steering();
    const run = interrupted(() => steering.steer('stop'));
    const { state } = await runScripted(vote, { ...run, dependencies: { steering } });
    expect(state.status).toMatchObject({ type: 'finished', reason: 'stoppedByUser' });
    expect(state.selected).not.toBeNull();
    expect(outcomesOf(state)).toEqual([]);
  });

  it('nothing where its budget ran out', async () => {
    const { state } = await runScripted(scriptBySequence([endless, endless]), {
      request: { strategy: 'selfConsistency', candidateCount: 2, maxThoughtTokens: 40 },
    });
    expect(state.status).toMatchObject({ type: 'finished', reason: 'budgetExhausted' });
    expect(state.selected).not.toBeNull();
    expect(outcomesOf(state)).toEqual([]);
  });

  it('nothing where it failed', async () => {
    const { state, thrown } = await runScripted(
      (situation) => {
        if (situation.sequence === 1 && situation.call === 1) throw new Error('The engine is gone.');
        return vote(situation);
      },
      { request: { strategy: 'selfConsistency', candidateCount: 2 } },
    );
    expect(thrown).not.toBeNull();
    expect(state.status.type).toBe('failed');
    expect(state.candidates[0]?.end).toBe('finished');
    expect(outcomesOf(state)).toEqual([]);
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
    const script = scriptBySequence([giving('9'), giving('12'), giving('12')]);
    const request = { strategy: 'auto', candidateCount: 3 } as const;
    const { state, events } = await runScripted(script, { request, dependencies: { memory } });
    // A class that the user sets says what is to be done, so that the memory has no say.
    const called = await runScripted(script, {
      request: { ...request, difficulty: 'easy' },
      dependencies: { memory },
    });
    expect(called.state.difficulty?.strategy).toBe('direct');
    expect(called.state.decisions).toEqual([]);
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
      run: async (...[request, dependencies, scope]: Parameters<typeof runRequest>) => {
        const observer = new OutcomeObserver(learning);
        const push = async (event: TraceEvent): Promise<void> => {
          observer.see(event);
          await scope.events.push(event);
        };
        const asked = await runRequest(request, dependencies, { ...scope, events: { push } });
        await observer.learn();
        return asked;
      },
    });
    expect(result?.answer).toBe('12');
    expect(failures).toEqual([]);
    const { signatures } = await memory.read();
    expect(signatures[signature]?.strategies.selfConsistency).toMatchObject({ tries: 1, wins: 1, runs: 1 });
  });
});
