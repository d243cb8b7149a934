import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Script, ScriptedPart } from '../../../../../sidecar/engine/scripted/script.ts';
import {
  ThoughtAllowance,
  trialSpacingTokens,
} from '../../../../../sidecar/reasoning/candidates/thoughtAllowance.ts';
import { mostTrialTokens, trialConfidence } from '../../../../../sidecar/reasoning/candidates/trialAnswer.ts';
import { Steering } from '../../../../../sidecar/request/steering.ts';
import { runScripted, type ScriptedRun } from '../../../../support/engine/scriptedRequest.ts';

const step = (text: string, probability: number) => ({ text, logprob: Math.log(probability) });
const endless = 'Three cats have four. '.repeat(100);

/** A thought without end in sequence 0, what its trials answer, and then its answer. */
function thinking(trial: ScriptedPart, answer = ' 12\n'): Script {
  return ({ sequence, text }) => {
    if (sequence > 0) return trial;
    return text.endsWith('Final answer:') ? answer : endless;
  };
}

function runThought(script: Script, run: ScriptedRun = {}) {
  return runScripted(script, {
    ...run,
    request: {
      strategy: 'chainOfThought',
      maxThoughtTokens: 400,
      earlyStopping: {
        consensus: 'certain',
        trialConfidence: 0.95,
        steadyAnswers: false,
        confidencePruning: 'off',
      },
      ...run.request,
    },
  });
}

describe('trialConfidence', () => {
  test('is the geometric mean without the first token and the end of the line', () => {
    const steps = [step(' ', 0.1), step('1', 0.9), step('2', 0.4), step('\n', 0.2)];
    expect(trialConfidence(steps)).toBeCloseTo(Math.sqrt(0.9 * 0.4), 12);
  });

  test('goes by the first token where there is no other, and is 0 without any', () => {
    expect(trialConfidence([step(' 12', 0.7), step('\n', 0.2)])).toBeCloseTo(0.7, 12);
    expect(trialConfidence([step('\n', 0.9)])).toBe(0);
    expect(trialConfidence([])).toBe(0);
  });
});

describe('a thought with trials', () => {
  test('runs to its cap where no trial is sure, and books what they took apart', async () => {
    const { state, result } = await runThought(thinking([step(' 12', 0.94), '\n']));
    expect(state.decisions.map(({ kind }) => kind)).toEqual(['thoughtClosedAtCap']);
    expect(state.trials.length).toBeGreaterThan(2);
    expect(state.ledger.tokens.trialAnswer).toBe(2 * state.trials.length);
    const places = state.trials.map(({ atToken }) => atToken);
    const gaps = places.map((place, index) => place - (places[index - 1] ?? 0));
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(trialSpacingTokens);
    expect(result).toMatchObject({ answer: '12', reason: 'answered' });
  });

  test('never trusts a trial that is empty or does not end', async () => {
    for (const trial of ['\n', 'very '.repeat(40)]) {
      const { state } = await runThought(thinking(trial));
      expect(state.trials.map(({ answer }) => answer)).toEqual(state.trials.map(() => null));
      expect(state.decisions.map(({ kind }) => kind)).toEqual(['thoughtClosedAtCap']);
      for (const { tokenCount } of state.trials) expect(tokenCount).toBeLessThanOrEqual(mostTrialTokens);
    }
  });

  test('writes the same text as without, up to where it ends', async () => {
    const withTrials = await runThought(thinking([step(' 12', 0.99), '\n']));
    const without = await runThought(thinking('', ' 12\n'), {
      request: {
        earlyStopping: {
          consensus: 'certain',
          trialConfidence: 0,
          steadyAnswers: false,
          confidencePruning: 'off',
        },
      },
    });
    const texts = [withTrials, without].map(({ state }) => state.candidates[0]?.tokens.texts.join('') ?? '');
    const thoughtTokens = withTrials.state.ledger.tokens.thought;
    expect(thoughtTokens).toBeLessThan(without.state.ledger.tokens.thought);
    const thought = (withTrials.state.candidates[0]?.tokens.texts ?? []).slice(0, thoughtTokens).join('');
    expect(texts[1]?.startsWith(thought)).toBe(true);
  });

  test('tries no answer once the user wants more thought', async () => {
    const steering = new Steering();
    const { state } = await runThought(thinking([step(' 12', 0.99), '\n']), {
      dependencies: { steering },
      onEvent: ({ seq }) => {
        if (seq === 3) steering.steer('thinkMore');
      },
    });
    expect(state.trials).toEqual([]);
    expect(state.decisions.map(({ kind }) => kind)).toEqual(['thinkMore', 'thoughtClosedAtCap']);
  });
});

test('trials are paid from what is spare, then from the thought, and never from the answer', () => {
  const sizes = fc.integer({ min: 0, max: 600 });
  fc.assert(
    fc.property(sizes, sizes, fc.array(fc.nat(mostTrialTokens)), (thoughtTokens, spareTokens, trials) => {
      const allowance = new ThoughtAllowance({ thoughtTokens, spareTokens }, { pauses: true });
      let written = 0;
      let tried = 0;
      for (const tokens of trials) {
        const { maxTokens, softLimit, endsInPause } = allowance.stretch(written);
        expect(softLimit.tokens + softLimit.graceTokens).toBeLessThanOrEqual(maxTokens);
        written += maxTokens;
        if (!endsInPause) break;
        allowance.chargeTrial(tokens);
        tried += tokens;
      }
      expect(written).toBeLessThanOrEqual(thoughtTokens);
      expect(written + tried).toBeLessThanOrEqual(thoughtTokens + spareTokens);
    }),
  );
});

test('a thought that pauses ends at the sentence where it would have ended without', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 60, max: 400 }),
      fc.integer({ min: 2, max: 40 }),
      async (cap, words) => {
        const sentences = `${'so '.repeat(words - 1)}on. `.repeat(200);
        const script: Script = ({ sequence, text }) =>
          sequence > 0 || text.endsWith('Final answer:')
            ? ' 12\n'
            : sentences.slice(text.length - text.lastIndexOf('assistant\n') - 'assistant\n'.length);
        const thoughts = await Promise.all(
          [0, 1].map(async (trialConfidence) => {
            const earlyStopping = {
              consensus: 'certain',
              trialConfidence,
              steadyAnswers: false,
              confidencePruning: 'off',
            } as const;
            const { state } = await runThought(script, { request: { maxThoughtTokens: cap, earlyStopping } });
            return state.ledger.tokens.thought;
          }),
        );
        expect(thoughts[1]).toBe(thoughts[0]);
      },
    ),
    { numRuns: 60 },
  );
});
