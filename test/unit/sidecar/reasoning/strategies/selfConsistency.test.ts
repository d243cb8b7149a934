import fc from 'fast-check';
import { expect, test } from 'vitest';
import { optionsOf } from '../../../../../protocol/reasoningOptions.ts';
import { scriptBySequence } from '../../../../../sidecar/engine/scripted/script.ts';
import { runScripted } from '../../../../support/engine/scriptedRequest.ts';
import { defaultSettings } from '../../../../../sidecar/validation/sidecarSettings.ts';

/** Candidates of these lengths in words, each with its answer. */
const anyCandidates = fc.array(fc.tuple(fc.nat(12), fc.constantFrom('12', '12', '9')), {
  minLength: 2,
  maxLength: 8,
});

test('consensus prunes only candidates that were still running, and never changes the answer', async () => {
  let prunedRuns = 0;
  await fc.assert(
    fc.asyncProperty(anyCandidates, async (candidates) => {
      const script = scriptBySequence(
        candidates.map(([words, answer]) => [`${'so '.repeat(words)}done.\nFinal answer:`, ` ${answer}\n`]),
      );
      const { state, result } = await runScripted(script, {
        request: { strategy: 'selfConsistency', candidateCount: candidates.length },
      });
      const pruned = state.decisions.filter((decision) => decision.kind === 'candidatePruned');
      const ended = state.candidates.filter((candidate) => candidate.end === 'pruned');
      expect(pruned.map((decision) => decision.candidateId)).toEqual(ended.map((candidate) => candidate.id));
      const consensus = state.decisions.filter((decision) => decision.kind === 'consensusReached');
      expect(consensus).toHaveLength(pruned.length > 0 ? 1 : 0);
      if (pruned.length === 0) return;
      prunedRuns++;
      const votes = candidates.filter(([, answer]) => answer === result?.answer).length;
      expect(votes * 2).toBeGreaterThan(candidates.length);
    }),
    { numRuns: 200 },
  );
  expect(prunedRuns).toBeGreaterThan(0);
});

test('with a likely lead in sight only as many run as could make it, and the others when those disagree', async () => {
  const run = async (answers: readonly string[]) => {
    const script = scriptBySequence(answers.map((answer) => ['so it is.\nFinal answer:', ` ${answer}\n`]));
    const { state, result } = await runScripted(script, {
      request: {
        strategy: 'selfConsistency',
        candidateCount: answers.length,
        earlyStopping: optionsOf(defaultSettings, { earlyStopping: { consensus: 'likely' } }).earlyStopping,
      },
    });
    return { opened: state.candidates.length, answer: result?.answer, decisions: state.decisions };
  };
  const agreeing = await run(['12', '12', '9', '9', '9', '9', '9', '9']);
  expect(agreeing).toMatchObject({ opened: 2, answer: '12' });
  expect(agreeing.decisions.map(({ kind, why }) => `${kind}: ${why}`)).toEqual([
    'candidatesWait: 2 candidates begin, 6 more may follow.',
    'consensusReached: The 6 waiting will hardly overturn the lead of 2 of 2.',
  ]);
  expect(await run(['12', '9', '9', '9', '9', '1', '1', '1'])).toMatchObject({ opened: 5, answer: '9' });
  expect(await run(['1', '2', '3', '4', '5', '6', '7', '7'])).toMatchObject({ opened: 8, answer: '7' });
});

test.each([
  ['answers of which no two agree take four waves', ['1', '2', '3', '4', '5', '6', '7', '8'], {}, 8, 3],
  ['without answers the second wave has all', ['?', '?', '?', '?', '?', '?', '?', '?'], {}, 8, 1],
  [
    'with a bound of time all run at once',
    ['12', '12', '9', '9', '9', '9', '9', '9'],
    { durationMs: 60_000 },
    8,
    0,
  ],
] as const)('%s', async (_name, answers, budget, opened, waits) => {
  const script = scriptBySequence(
    answers.map((answer) => ['so it is.\nFinal answer:', answer === '?' ? '\n' : ` ${answer}\n`]),
  );
  const { state } = await runScripted(script, {
    request: {
      strategy: 'selfConsistency',
      candidateCount: answers.length,
      budget,
      earlyStopping: optionsOf(defaultSettings, { earlyStopping: { consensus: 'likely' } }).earlyStopping,
    },
  });
  expect(state.candidates).toHaveLength(opened);
  expect(state.decisions.filter(({ kind }) => kind === 'candidatesWait')).toHaveLength(waits);
});

test('candidates that were asked for code vote with the program they wrote, and think on behind a marker in it', async () => {
  const program = 'def double(n):\n    return 2 * n\n';
  const lines = ['```python\n', program, 'print("Final answer:"'] as const;
  const rest = ', double(2))\n```\nDone.\nFinal answer:';
  const script = scriptBySequence([
    [lines.join(''), rest, ' 4\n'],
    [lines.join(''), rest, ' double(2))\n'],
    ['It is 4.\nFinal answer:', ' 4'],
    ['It is 4.\nFinal answer:', ' 4'],
  ]);
  const { state, result } = await runScripted(script, {
    request: {
      strategy: 'selfConsistency',
      candidateCount: 4,
      maxThoughtTokens: 120,
      question: 'Write a Python program that doubles a number.',
    },
  });
  expect(result?.answer).toBe(`${program}print("Final answer:", double(2))`);
  expect(state.vote?.tallies.map(({ candidateIds }) => candidateIds)).toEqual([[0, 1]]);
});
