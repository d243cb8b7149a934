import { describe, expect, test } from 'vitest';
import { generatedTokenCount } from '../../../../../protocol/budget.ts';
import type { Script } from '../../../../../sidecar/engine/scripted/script.ts';
import type { StepNode } from '../../../../../sidecar/reasoning/search/stepNode.ts';
import {
  compareThoughts,
  lostWorth,
  type OpenThought,
  totalCost,
} from '../../../../../sidecar/reasoning/strategies/aStar.ts';
import { Steering } from '../../../../../sidecar/request/steering.ts';
import { runScripted, type ScriptedRun } from '../../../../support/engine/scriptedRequest.ts';
import { endless, line, thinking } from '../../../../support/engine/stepScript.ts';
import { expectGolden } from '../../../../support/trace/golden.ts';
import { renderTrace } from '../../../../support/trace/traceText.ts';

describe('the order of open thoughts', () => {
  /** Steps of these confidences, reached at a cost. */
  const thought = (id: number, cost: number, confidences: readonly number[]): OpenThought => {
    const last = confidences.reduce<StepNode | null>(
      (before, confidence) => ({ before, confidence, text: '', tokenCount: 4 }),
      null,
    );
    return { path: { id, last }, cost };
  };

  test('goes by the worth lost on the way and the worth still missing', () => {
    expect(lostWorth(null, 0.2)).toBe(0);
    expect(lostWorth(0.9, 0.6)).toBeCloseTo(0.3, 12);
    expect(lostWorth(0.6, 0.9)).toBe(0);
    expect(totalCost(thought(0, 0.3, [0.9, 0.3]))).toBeCloseTo(0.3 + 1 - 0.6, 12);
  });

  test('puts the deeper of equals first, then the older', () => {
    const order = [
      thought(3, 0, [0.5]),
      thought(2, 0, [0.5, 0.5]),
      thought(1, 0, [0.5]),
      thought(0, 0.1, [0.9]),
    ];
    expect(order.sort(compareThoughts).map(({ path }) => path.id)).toEqual([0, 2, 1, 3]);
  });
});

/** The first thought begins better and gets worse, whatever is tried; the second stays as good as it was. */
const disappointing = thinking((written, sequence) => {
  if (written === '') return line(`Begin by ${sequence}.`, sequence === 0 ? 0.9 : 0.8);
  if (!written.includes('Next')) return line(`Next by ${sequence}.`, written.includes('by 0') ? 0.1 : 0.8);
  return 'Final answer:';
});

const search = (script: Script, run: ScriptedRun = {}) =>
  runScripted(script, { ...run, request: { strategy: 'aStar', candidateCount: 4, ...run.request } });

describe('aStar', () => {
  test('goes back to an earlier thought where the latest disappoints', async () => {
    const { state, events, result } = await search(disappointing);
    expectGolden('aStar', renderTrace(state, events));
    expect(result?.text).toContain('Begin by 1.');
    expect(result?.answer).toBe('12');
    expect(state.candidates.filter(({ end }) => end === 'finished')).toHaveLength(1);
  });

  test('keeps as many thoughts open as there may be candidates', async () => {
    const { state } = await search(endless, {
      request: { candidateCount: 2, stepSearch: { stepChildren: 4, maxSteps: 3 } },
    });
    const pruned = state.decisions.filter(({ why }) => /not among the lowest 2\./u.test(why));
    expect(pruned.length).toBeGreaterThanOrEqual(2);
    let most = 0;
    for (const { openedAtMs, closedAtMs } of state.candidates) {
      const running = state.candidates.filter(
        (c) => c.openedAtMs <= openedAtMs && (c.closedAtMs ?? Infinity) > openedAtMs,
      ).length;
      most = Math.max(most, running);
      expect(closedAtMs).not.toBeNull();
    }
    // Two open ones, of which one has become four for the time of its step.
    expect(most).toBeLessThanOrEqual(5);
  });

  test('with one candidate and one child is a chain of thought', async () => {
    const { state, result } = await search(disappointing, {
      request: { candidateCount: 1, stepSearch: { stepChildren: 1, maxSteps: 5 } },
    });
    expect(state.candidates).toHaveLength(1);
    expect(state.decisions).toEqual([]);
    expect(result?.answer).toBe('12');
  });

  test('has the best thought so far answer where the budget ends, and says so', async () => {
    const { state, result } = await search(endless, { request: { budget: { generatedTokens: 100 } } });
    expect(generatedTokenCount(state.ledger)).toBeLessThanOrEqual(100);
    expect(state.decisions.map(({ kind }) => kind)).toContain('searchEnded');
    expect(result?.answer).toBe('12');
    expect(result?.reason).toBe('answered');
  });

  test('with a budget of nothing writes nothing, and says so', async () => {
    const { state, result } = await search(disappointing, { request: { budget: { generatedTokens: 0 } } });
    expect(generatedTokenCount(state.ledger)).toBe(0);
    expect(result?.reason).toBe('budgetExhausted');
  });

  test('runs out of time in the middle of a step', async () => {
    const { state, result } = await search(endless, { request: { budget: { durationMs: 75 } } });
    expect(result?.reason).toBe('budgetExhausted');
    expect(state.candidates.map(({ end }) => end)).not.toContain(null);
    expect(result?.text).toContain('Step 0');
  });

  test('returns the text of a thought that came to no answer', async () => {
    const { result } = await search(() => 'I cannot say.');
    expect(result?.text).toContain('I cannot say.');
  });

  test.each(['answerNow', 'stop', 'cancel'] as const)('heeds a wish: %s', async (wish) => {
    const steering = new Steering();
    const cancellation = new AbortController();
    let tokens = 0;
    const { state, result } = await search(endless, {
      dependencies: { steering },
      signal: cancellation.signal,
      onEvent: ({ type }) => {
        if (type !== 'tokens/appended' || ++tokens !== 9) return;
        if (wish === 'cancel') cancellation.abort();
        else steering.steer(wish);
      },
    });
    const reasons = { answerNow: 'answered', stop: 'stoppedByUser', cancel: 'cancelled' } as const;
    expect(result?.reason).toBe(reasons[wish]);
    expect(state.candidates.map(({ end }) => end)).not.toContain(null);
    if (wish === 'answerNow') expect(result?.answer).toBe('12');
  });
});
