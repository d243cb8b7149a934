import { describe, expect, it } from 'vitest';
import { parseTraceEvent } from '../../../../../protocol/parseTraceEvent.ts';
import { type StrategyId, strategyIds } from '../../../../../protocol/strategyTable.ts';
import { initialTraceState, reduceTraceAll } from '../../../../../protocol/traceState.ts';
import { type Script, scriptBySequence } from '../../../../../sidecar/engine/scripted/script.ts';
import { createStrategy } from '../../../../../sidecar/reasoning/strategies/createStrategy.ts';
import type {
  DifficultyEstimator,
  DifficultyEvidence,
} from '../../../../../sidecar/request/difficultyEstimator.ts';
import { runScripted } from '../../../../support/engine/scriptedRequest.ts';

const chosen = strategyIds.filter((id) => id !== 'auto');
const at = (entropyNats: number) => Array.from({ length: 40 }, () => ({ text: ' hm', entropyNats }));
const script: Script = scriptBySequence(
  Array.from({ length: 4 }, () => [at(0.7), ' It is 12.\nFinal answer:', ' 12\n']),
);

/** A judge of the prompt's state that remembers what it was shown. */
function stateReader(): { estimator: DifficultyEstimator; seen: DifficultyEvidence[] } {
  const seen: DifficultyEvidence[] = [];
  const estimator: DifficultyEstimator = {
    readsPromptState: true,
    probePrefixTokens: (state) => (state === null ? 32 : 0),
    estimate: (evidence) => {
      seen.push(evidence);
      const state = [...(evidence.promptState ?? [])];
      return Promise.resolve({
        difficulty: 'hard',
        source: 'probe',
        probabilities: [0, 0, 1],
        meanEntropyNats: null,
        features: { stateSize: state.length },
        why: 'It says so.',
      });
    },
    dispose: () => Promise.resolve(),
  };
  return { estimator, seen };
}

/** All that put a question as those were put that probes are fitted to. */
const stepByStep = chosen.filter((id) => createStrategy(id).promptStyle === 'stepByStep');

describe.each(chosen)('a trace of %s, which the user chose', (strategy) => {
  const request = { strategy, candidateCount: 3, maxThoughtTokens: 100, temperature: 0.6 } as const;

  it('has the difficulty that its first tokens tell, and runs as it would without', async () => {
    const { state, events, result } = await runScripted(script, { request });
    expect(state.difficulty).toMatchObject({
      difficulty: 'hard',
      source: 'entropyRule',
      strategy,
      temperature: 0.6,
      fixedByUser: ['strategy', 'temperature'],
    });
    expect(state.difficulty?.meanEntropyNats).toBeCloseTo(0.7, 10);
    expect(events.map((event) => parseTraceEvent(event))).not.toContain(null);
    const silent = events.filter(({ type }) => type !== 'difficulty/decided');
    const renumbered = silent.map((event, seq) => ({ ...event, seq }));
    const without = reduceTraceAll(initialTraceState, renumbered);
    expect(without.candidates).toEqual(state.candidates);
    expect(without.budget).toEqual(state.budget);
    expect(result?.reason).toBe('answered');
  });

  it('says what the user called it', async () => {
    const { state } = await runScripted(script, { request: { ...request, difficulty: 'easy' } });
    expect(state.difficulty).toMatchObject({
      difficulty: 'easy',
      source: 'override',
      fixedByUser: ['strategy', 'difficulty', 'temperature'],
    });
  });

  it('has one at most, also where the request is cancelled', async () => {
    const controller = new AbortController();
    const { events } = await runScripted(script, {
      request,
      signal: controller.signal,
      onEvent: ({ type }) => {
        if (type === 'tokens/appended') controller.abort();
      },
    });
    expect(events.at(-1)).toMatchObject({ type: 'request/finished', reason: 'cancelled' });
    expect(events.filter(({ type }) => type === 'difficulty/decided').length).toBeLessThanOrEqual(1);
  });
});

describe('a probe', () => {
  const run = (strategy: StrategyId, estimator: DifficultyEstimator) =>
    runScripted(script, {
      request: { strategy, candidateCount: 3, maxThoughtTokens: 100 },
      dependencies: { estimator },
      engine: { local: { hiddenSize: 2 }, hiddenState: () => Float32Array.from([3, 4]) },
    });

  it.each(stepByStep)('tells the difficulty before the first token of %s', async (strategy) => {
    const { estimator, seen } = stateReader();
    const { state, events } = await run(strategy, estimator);
    expect(state.difficulty).toMatchObject({ source: 'probe', features: { stateSize: 2 } });
    expect(seen).toEqual([
      { probePrefixEntropyNats: [], hasEnded: false, promptState: Float32Array.from([3, 4]) },
    ]);
    const order = events.map(({ type }) => type);
    expect(order.indexOf('difficulty/decided')).toBe(order.indexOf('prefill/finished') + 1);
  });

  it('is not asked about a prompt of a kind that it was not fitted to, and the trace says so', async () => {
    const { estimator, seen } = stateReader();
    const { state } = await run('direct', estimator);
    expect(seen).toHaveLength(1);
    expect(seen[0]?.promptState).toBeNull();
    expect(seen[0]?.probePrefixEntropyNats).toHaveLength(32);
    expect(state.difficulty?.why).not.toBe((await run('chainOfThought', estimator)).state.difficulty?.why);
  });
});
