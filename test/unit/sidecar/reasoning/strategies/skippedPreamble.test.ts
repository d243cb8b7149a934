import { describe, expect, it, test } from 'vitest';
import { generatedTokenCount } from '../../../../../protocol/budget.ts';
import type { TraceState } from '../../../../../protocol/traceState.ts';
import { type Script, scriptBySequence } from '../../../../../sidecar/engine/scripted/script.ts';
import { type AutoTable, defaultProfiles } from '../../../../../sidecar/reasoning/difficulty/autoTable.ts';
import { Steering } from '../../../../../sidecar/request/steering.ts';
import {
  type FlatRequest,
  runScripted,
  type ScriptedRun,
} from '../../../../support/engine/scriptedRequest.ts';
import { line, thinking } from '../../../../support/engine/stepScript.ts';
import type { FastModelAccess } from '../../../../../sidecar/request/fastModelAccess.ts';

const cue = { type: 'cue', text: 'Step 1:', at: 0 };

/** What each candidate begins with: a cue, or what it generated. */
const beginnings = ({ candidates }: TraceState) => candidates.map(({ segments }) => segments[0]);

/** A preamble longer than any probe prefix, and then an answer. */
const wordy: Script = scriptBySequence([
  [`${'First of all I say what is asked. '.repeat(8)}\nFinal answer:`, ' 12\n'],
]);
/** Steps from the first word on, longer than any probe prefix. */
const brisk: Script = scriptBySequence([
  [`Step 1: ${'Four legs and four legs are eight. '.repeat(8)}\nFinal answer:`, ' 12\n'],
]);

describe('a strategy that takes it', () => {
  test.each(['chainOfThought', 'selfConsistency', 'hedgedBestOfN', 'verifyByContext'] as const)(
    '%s begins every candidate at its first step, and books the cue as prompt',
    async (strategy) => {
      const run = (skipPreamble: boolean) =>
        runScripted(brisk, { request: { strategy, candidateCount: 3, skipPreamble } });
      const [plain, skipping] = [await run(false), await run(true)];
      expect(skipping.result?.reason).toBe('answered');
      expect(beginnings(skipping.state)).toEqual(skipping.state.candidates.map(() => cue));
      expect(skipping.state.selected?.text).toMatch(/^Step 1:/u);
      expect(skipping.state.ledger.tokens.prompt).toBeGreaterThan(plain.state.ledger.tokens.prompt);
      expect(beginnings(plain.state)).not.toContainEqual(cue);
    },
  );

  test('begins at no step where there is no room for a thought', async () => {
    const request = { strategy: 'chainOfThought', skipPreamble: true } as const;
    for (const budget of [{ thoughtTokensPerCandidate: 0 }, { generatedTokens: 0 }])
      expect(
        (await runScripted(brisk, { request: { ...request, budget } })).state.candidates[0]?.segments[0],
      ).not.toEqual(cue);
  });
});

test.each(['direct', 'stepBeam', 'aStar', 'refineFirstError'] as const)(
  '%s has no use for it',
  async (strategy) => {
    const steps = thinking((written) =>
      written.split('\n').length > 2 ? 'Final answer:' : line('So it is.', 0.8),
    );
    const { state, events } = await runScripted(steps, {
      request: { strategy, candidateCount: 2, skipPreamble: true },
    });
    expect(events).not.toContainEqual(expect.objectContaining({ type: 'cue/appended', text: 'Step 1:' }));
    expect(state.candidates.length).toBeGreaterThan(0);
    expect(state.difficulty?.fixedByUser).toEqual(['strategy']);
  },
);

describe('auto', () => {
  const skipping = {
    strategy: 'chainOfThought',
    temperature: 0,
    tokenShare: 1,
    candidates: 1,
    skipPreamble: true,
  } as const;
  const table = (skipPreamble: boolean): AutoTable => {
    const profile = { ...skipping, skipPreamble };
    return { version: 1, default: { easy: profile, normal: profile, hard: profile }, models: {} };
  };
  const runAuto = (script: Script, request: FlatRequest = {}, byTable = true, run: ScriptedRun = {}) =>
    runScripted(script, {
      ...run,
      request: { strategy: 'auto', maxThoughtTokens: 200, ...request },
      dependencies: { tables: [table(byTable)], ...run.dependencies },
    });

  it('gives up a probe prefix that has a preamble', async () => {
    const { state } = await runAuto(wordy);
    expect(state.difficulty?.parameters).toMatchObject({ skipPreamble: true });
    expect(beginnings(state)).toMatchObject([{ type: 'generated' }, cue]);
    expect(state.selected?.candidateId).toBe(1);
    expect(state.ledger.tokens.discardedCandidate).toBe(state.candidates[0]?.tokenCount);
  });

  it.each([
    ['began at its first step of its own accord', brisk],
    ['is all that the model had to say', scriptBySequence([['Twelve.\nFinal answer:', ' 12\n']])],
  ])('goes on with a probe prefix that %s, whatever the table says', async (_, script) => {
    for (const byTable of [true, false]) {
      const { state } = await runAuto(script, {}, byTable);
      expect(state.candidates).toHaveLength(1);
      expect(state.status).toMatchObject({ type: 'finished', reason: 'answered' });
      expect(state.ledger.tokens.discardedCandidate).toBe(0);
    }
  });

  it('has nothing to give up where the class was known, or the user asked for it', async () => {
    const known = await runAuto(wordy, { difficulty: 'normal' });
    expect(beginnings(known.state)).toEqual([cue]);
    const asked = await runAuto(wordy, { skipPreamble: true }, false);
    expect(beginnings(asked.state)).toEqual([cue]);
    expect(asked.state.difficulty?.fixedByUser).toEqual(['skipPreamble']);
    const against = await runAuto(wordy, { skipPreamble: false });
    expect(beginnings(against.state)).toMatchObject([{ type: 'generated' }]);
  });

  it.each([
    ['a preamble', wordy],
    ['none', brisk],
  ])('keeps a probe prefix with %s where the budget has less left than it took', async (_, script) => {
    const { state } = await runAuto(script, { budget: { generatedTokens: 24 } });
    expect(state.candidates).toHaveLength(1);
    expect(generatedTokenCount(state.ledger)).toBeLessThanOrEqual(24);
    expect(state.ledger.tokens.discardedCandidate).toBe(0);
  });

  it('moves to the fast model with the cue and what was written behind it', async () => {
    const sure = ' Four legs each.'
      .repeat(20)
      .split(/(?= )/u)
      .map((text) => ({ text, entropyNats: 0.01 }));
    const probePrefixes: string[] = [];
    const hash = '0'.repeat(64);
    const standIn = { model: hash, role: 'fastModel', judge: 'entropyRule', difficulty: 'easy' } as const;
    const fastForEasy = { [hash]: { profiles: defaultProfiles, standIns: [standIn] } };
    const fast: FastModelAccess = {
      acquire: (whole) => Promise.resolve({ model: whole, quality: null, release: () => undefined }),
    };
    const { state } = await runAuto(
      ({ sequence, text }) => {
        if (sequence > 0) probePrefixes.push(text);
        if (text.endsWith('Final answer:')) return ' 12\n';
        return sequence === 0 ? sure : '\nFinal answer:';
      },
      { skipPreamble: true },
      false,
      { dependencies: { tables: [{ ...table(false), models: fastForEasy }], fast } },
    );
    expect(state.switched).not.toBeNull();
    expect(probePrefixes[0]).toMatch(/Step 1: Four legs each\./u);
    expect(state.candidates).toHaveLength(1);
  });
});

describe('while the cue is read', () => {
  const strategies = ['chainOfThought', 'selfConsistency', 'auto'] as const;
  const request = { candidateCount: 3, skipPreamble: true, maxThoughtTokens: 100 } as const;

  test.each(strategies)('a stop of %s is heard before anything is generated', async (strategy) => {
    const steering = new Steering();
    const { state } = await runScripted(wordy, {
      request: { ...request, strategy, candidateCount: 1 },
      dependencies: { steering },
      onEvent: ({ type }) => {
        if (type === 'cue/appended') steering.steer('stop');
      },
    });
    expect(state.status).toMatchObject({ type: 'finished', reason: 'stoppedByUser' });
    expect(generatedTokenCount(state.ledger)).toBe(0);
  });

  test.each(strategies)('a cancellation of %s closes every candidate', async (strategy) => {
    for (const turns of [0, 1, 2, 3, 5, 8, 13]) {
      const cancellation = new AbortController();
      const { state } = await runScripted(wordy, {
        request: { ...request, strategy },
        signal: cancellation.signal,
        onEvent: ({ type }) => {
          if (type === 'candidate/opened') {
            void afterTurns(turns).then(() => {
              cancellation.abort();
            });
          }
        },
      });
      expect(state.status).toMatchObject({ reason: 'cancelled' });
      expect(state.candidates.map(({ end }) => end)).toEqual(state.candidates.map(() => 'stopped'));
    }
  });
});

async function afterTurns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}
