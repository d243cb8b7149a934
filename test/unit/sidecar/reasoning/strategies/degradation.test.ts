import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Budget, generatedTokenCount } from '../../../../../protocol/budget.ts';
import { strategyIds } from '../../../../../protocol/strategyTable.ts';
import { candidateText } from '../../../../../protocol/traceState.ts';
import type { Script } from '../../../../../sidecar/engine/scripted/script.ts';
import {
  runScripted,
  type ScriptedOutcome,
  type ScriptedRun,
} from '../../../../support/engine/scriptedRequest.ts';
import { ManualClock } from '../../../../support/machine/manualClock.ts';

/** Thinks in sentences for as long as it may, and answers when it is asked for the answer. */
const thinker: Script = ({ text }) =>
  text.endsWith('Final answer:') ? ' 12\n' : 'Each of three cats has four. So it is 12. '.repeat(40);

interface SlowRun {
  readonly request: NonNullable<ScriptedRun['request']>;
  readonly prefillMs?: number;
  readonly decodeMs?: (decode: number) => number;
}

/** More than any cue: what is longer is a prompt. */
const cueTokens = 24;

/** A request on an engine whose prefill and decode steps take their time. */
function run({ request, prefillMs = 0, decodeMs = () => 10 }: SlowRun): Promise<ScriptedOutcome> {
  const clock = new ManualClock();
  let decodes = 0;
  return runScripted(thinker, {
    request: { candidateCount: 4, maxThoughtTokens: 200, ...request },
    engine: {
      onPrefill: (tokenCount) => {
        if (tokenCount > cueTokens) clock.advance(prefillMs);
      },
      onDecode: () => {
        clock.advance(decodeMs(decodes++));
      },
    },
    dependencies: { clock },
  });
}

/** It ended by itself, said so, and returned what it had. */
function expectWhole({ state, result, thrown, events }: ScriptedOutcome): void {
  expect(thrown).toBeNull();
  expect(events.at(-1)?.type).toBe('request/finished');
  expect(['answered', 'budgetExhausted']).toContain(result?.reason);
  for (const candidate of state.candidates) expect(candidate.closedAtMs).not.toBeNull();
  const selected = state.candidates.find(({ id }) => id === state.selected?.candidateId);
  expect(result?.text).toBe(selected === undefined ? '' : candidateText(selected));
  expect(generatedTokenCount(state.ledger)).toBeLessThanOrEqual(state.budget?.generatedTokens ?? Infinity);
}

const noBudgets: readonly (readonly [string, Partial<Budget>])[] = [
  ['thought', { thoughtTokensPerCandidate: 0 }],
  ['answer', { answerTokensPerCandidate: 0 }],
  ['generated tokens', { generatedTokens: 0 }],
  ['time', { durationMs: 0 }],
];

describe.each(strategyIds)('%s', (strategy) => {
  test.each(noBudgets)('ends well with no budget of %s', async (_kind, budget) => {
    const outcome = await run({ request: { strategy, budget } });
    expectWhole(outcome);
    if (budget.durationMs === 0) expect(outcome.state.ledger.tokens.thought).toBe(0);
    // The words that ask for an answer are none.
    expect(outcome.result?.text).not.toMatch(/Final answer:\s*$/);
    if (budget.generatedTokens !== 0) return;
    expect(outcome.result).toMatchObject({ reason: 'budgetExhausted', text: '', answer: null });
    expect(outcome.state.ledger.tokens.prompt).toBe(0);
    expect(outcome.state.decisions.map(({ kind }) => kind)).toEqual(['budgetExhausted']);
  });

  test('ends with the time when that passes during the prefill', async () => {
    const outcome = await run({ request: { strategy, budget: { durationMs: 100 } }, prefillMs: 150 });
    expectWhole(outcome);
    expect(outcome.result).toMatchObject({ reason: 'budgetExhausted', text: '', answer: null });
    expect(outcome.state.decisions.map(({ kind }) => kind)).toEqual(['budgetExhausted']);
  });

  test('returns its best answer so far when tokens or time are used up on the way', async () => {
    for (const budget of [{ generatedTokens: 60 }, { durationMs: 300 }]) {
      const outcome = await run({ request: { strategy, budget } });
      expectWhole(outcome);
      expect(outcome.result?.text).not.toBe('');
    }
  });
});

test('whatever budget and speed, every request ends within its budget and says whether that was used up', async () => {
  const anyBudget = fc.record(
    {
      thoughtTokensPerCandidate: fc.nat(100),
      answerTokensPerCandidate: fc.nat(30),
      generatedTokens: fc.option(fc.nat(300)),
      durationMs: fc.option(fc.nat(2000)),
    },
    { requiredKeys: [] },
  );
  const anyRun = fc.record({
    strategy: fc.constantFrom(...strategyIds),
    budget: anyBudget,
    prefillMs: fc.nat(800),
    decodeMs: fc.nat(60),
    trialConfidence: fc.constantFrom(0, 0.9),
    steadyAnswers: fc.boolean(),
    confidencePruning: fc.constantFrom('off' as const, 'strict' as const),
  });
  await fc.assert(
    fc.asyncProperty(anyRun, async ({ strategy, budget, prefillMs, decodeMs, ...early }) => {
      const earlyStopping = { consensus: 'certain', ...early } as const;
      const outcome = await run({
        request: { strategy, budget, earlyStopping },
        prefillMs,
        decodeMs: () => decodeMs,
      });
      expectWhole(outcome);
      const { state, result } = outcome;
      const { durationMs } = state.ledger;
      // One decode step or prefill may be under way when the time is over; those of selection too.
      const graceMs = 2 * (decodeMs + prefillMs);
      expect(durationMs).toBeLessThanOrEqual((state.budget?.durationMs ?? Infinity) + graceMs);
      const isCut = state.candidates.every(({ end }) => end !== 'finished');
      if (isCut) expect(result?.reason).toBe('budgetExhausted');
    }),
    { numRuns: 200 },
  );
});

describe('a thought that runs out of time', () => {
  test('closes while there is time for an answer', async () => {
    const { state, result } = await run({
      request: { strategy: 'chainOfThought', budget: { durationMs: 1000 } },
    });
    expect(state.decisions.map(({ kind }) => kind)).toEqual(['thoughtClosedForTime']);
    expect(result).toMatchObject({ answer: '12', reason: 'answered' });
    expect(state.ledger.durationMs).toBeLessThanOrEqual(1000);
  });

  test('gives the answer that it had come to, marked, where even that is too late', async () => {
    const { state, result } = await run({
      request: {
        strategy: 'chainOfThought',
        maxThoughtTokens: 300,
        budget: { durationMs: 6000 },
        earlyStopping: {
          consensus: 'certain',
          trialConfidence: 1,
          steadyAnswers: false,
          confidencePruning: 'off',
        },
      },
      // The machine falls asleep behind the first trial.
      decodeMs: (decode) => (decode === 70 ? 60_000 : 10),
    });
    expect(state.trials).toHaveLength(1);
    expect(state.candidates.map(({ end }) => end)).toEqual(['truncated']);
    expect(result).toMatchObject({ answer: '12', reason: 'budgetExhausted' });
  });
});
