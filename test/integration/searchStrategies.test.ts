import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generatedTokenCount } from '../../protocol/budget.ts';
import { strategyTable, type StrategyId } from '../../protocol/strategyTable.ts';
import type { TraceEvent } from '../../protocol/traceEvent.ts';
import { initialTraceState, reduceTraceAll } from '../../protocol/traceState.ts';
import { entropyRule, uncalibratedThresholds } from '../../sidecar/difficulty/entropyRule.ts';
import type { Engine, Model } from '../../sidecar/engine/engine.ts';
import { runRequest } from '../../sidecar/strategies/requestRunner.ts';
import { Steering } from '../../sidecar/strategies/steering.ts';
import { systemClock } from '../../sidecar/trace/clock.ts';
import { createRealEngine, installedModelPath, loadForTest } from '../support/realEngine.ts';

const generatedTokens = 240;
const question = 'A box holds 4 red and 3 blue pens. How many pens do 5 such boxes hold?';

/** Those whose candidates share more than the prompt, or whose answers the model judges. */
const searches = strategyTable
  .map(({ id }) => id)
  .filter((id): id is StrategyId => !['auto', 'direct', 'chainOfThought', 'selfConsistency'].includes(id));

let engine: Engine;
let model: Model;

beforeAll(async () => {
  engine = createRealEngine();
  model = await loadForTest(engine, await installedModelPath('qwen2.5-coder-0.5b'));
});

afterAll(() => engine.dispose());

describe('on a real model', () => {
  it.each(searches)('%s answers within its budget, and its trace and its ledger agree', async (strategy) => {
    const log = runRequest(
      {
        requestId: strategy,
        question,
        attachment: null,
        strategy,
        selector: 'majority',
        candidateCount: 3,
        maxThoughtTokens: 96,
        seed: 5,
        temperature: null,
        budget: { generatedTokens, answerTokensPerCandidate: 24 },
        difficulty: null,
        sequenceOptions: { priority: 'background' },
        earlyStopping: {
          consensus: 'certain',
          trialConfidence: 0,
          steadyAnswers: false,
          confidencePruning: 'off',
        },
        stepSearch: { stepChildren: 2, maxSteps: 4 },
      },
      {
        model,
        estimator: entropyRule(uncalibratedThresholds),
        fast: null,
        steering: new Steering(),
        verifier: null,
        clock: systemClock,
        traces: null,
        onTraceFailure: (error) => {
          throw error;
        },
      },
      new AbortController().signal,
    );
    const events: TraceEvent[] = [];
    let step = await log.next();
    for (; step.done !== true; step = await log.next()) events.push(step.value);
    const result = step.value;
    const state = reduceTraceAll(initialTraceState, events);

    expect(result.reason).toMatch(/^(?:answered|budgetExhausted)$/u);
    expect(result.text).not.toBe('');
    expect(state.selected?.text).toBe(result.text);
    expect(state.candidates.map(({ end }) => end)).not.toContain(null);
    const written = state.candidates.reduce((sum, { tokenCount }) => sum + tokenCount, 0);
    const { verification } = result.ledger.tokens;
    expect(generatedTokenCount(result.ledger)).toBe(written + verification);
    expect(generatedTokenCount(result.ledger)).toBeLessThanOrEqual(generatedTokens);
    // What candidates share is decoded once: no forked candidate reads a prompt of its own.
    if (strategy === 'stepBeam' || strategy === 'aStar') {
      const cues = events.reduce((sum, e) => (e.type === 'cue/appended' ? sum + e.tokenCount : sum), 0);
      expect(state.ledger.tokens.prompt).toBe((state.prefill?.tokenCount ?? 0) + cues);
    }
    if (strategy === 'stepBeam') expect(state.candidates.some(({ parent }) => parent !== null)).toBe(true);
  });
});
