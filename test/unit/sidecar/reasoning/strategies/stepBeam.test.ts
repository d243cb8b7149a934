import { describe, expect, test } from 'vitest';
import { generatedTokenCount } from '../../../../../protocol/budget.ts';
import type { Script } from '../../../../../sidecar/engine/scripted/script.ts';
import {
  depthOf,
  stepConfidence,
  type StepNode,
  treeTokens,
  valueOf,
} from '../../../../../sidecar/reasoning/search/stepNode.ts';
import { Steering } from '../../../../../sidecar/request/steering.ts';
import { runScripted, type ScriptedRun } from '../../../../support/engine/scriptedRequest.ts';
import { endless, line, thinking } from '../../../../support/engine/stepScript.ts';
import { expectGolden } from '../../../../support/trace/golden.ts';
import { renderTrace } from '../../../../support/trace/traceText.ts';

describe('the value of a thought', () => {
  const node = (before: StepNode | null, confidence: number, tokenCount = 1): StepNode => ({
    before,
    text: '',
    confidence,
    tokenCount,
  });

  test('of a step is the geometric mean of its probabilities', () => {
    expect(stepConfidence([Math.log(0.9), Math.log(0.4)])).toBeCloseTo(0.6, 12);
    expect(stepConfidence([])).toBe(0);
  });

  test('of several is the mean of theirs', () => {
    const last = node(node(node(null, 0.9), 0.6), 0.3);
    expect(valueOf(last)).toBeCloseTo(0.6, 12);
    expect(depthOf(last)).toBe(3);
    expect(valueOf(null)).toBe(0);
  });

  test('steps that thoughts share are counted once', () => {
    const shared = node(node(null, 1, 5), 1, 7);
    expect(treeTokens([node(shared, 1, 2), node(shared, 1, 3), shared, null])).toBe(17);
  });
});

/** Two good first steps, then one continuation each that is sure and one that is not. */
const twoSteps = thinking((written, sequence) => {
  if (written === '') return line(`Step one by ${sequence}.`, [0.9, 0.3, 0.8, 0.2][sequence] ?? 0.1);
  if (!written.includes('Step two')) return line(`Step two by ${sequence}.`, sequence % 2 === 0 ? 0.7 : 0.9);
  return [`Final answer:`];
});

const search = (script: Script, run: ScriptedRun = {}) =>
  runScripted(script, { ...run, request: { strategy: 'stepBeam', candidateCount: 2, ...run.request } });

describe('stepBeam', () => {
  test('keeps the surest thoughts after each step, whoever they come from', async () => {
    const { state, events, result } = await search(twoSteps);
    expectGolden('stepBeam', renderTrace(state, events));
    expect(result?.answer).toBe('12');
    expect(result?.reason).toBe('answered');
  });

  test('drops what was written before in the same round', async () => {
    const { state } = await search(
      thinking((written) => (written === '' ? line('The same.', 0.9) : 'Final answer:')),
    );
    const pruned = state.decisions.filter(({ kind }) => kind === 'candidatePruned');
    expect(pruned.map(({ candidateId }) => candidateId)).toContain(3);
    expect(pruned[0]?.why).toBe('It wrote the same as candidate 1.');
  });

  test('with one candidate and one child is a chain of thought', async () => {
    const { state, result } = await search(twoSteps, {
      request: { candidateCount: 1, stepSearch: { stepChildren: 1, maxSteps: 5 } },
    });
    expect(state.candidates).toHaveLength(1);
    expect(state.decisions).toEqual([]);
    expect(result?.answer).toBe('12');
  });

  test('has thoughts answer after the last step that is allowed', async () => {
    const { state, result } = await search(endless, {
      request: { stepSearch: { stepChildren: 2, maxSteps: 3 } },
    });
    expect(result?.answer).toBe('12');
    expect(state.decisions.filter(({ kind }) => kind === 'thoughtClosedAtCap')).toHaveLength(2);
    const lines = result?.text.split('\n').filter((text) => text.startsWith('Step')) ?? [];
    expect(lines).toHaveLength(3);
  });

  test('returns the text of a thought where none came to an answer', async () => {
    const { result } = await search(() => 'I cannot say.');
    expect(result?.reason).toBe('answered');
    expect(result?.text).toContain('I cannot say.');
  });

  test.each([60, 130, 200])(
    'answers within a budget of %d tokens and says that it ended the search',
    async (all) => {
      const { state, result } = await search(endless, { request: { budget: { generatedTokens: all } } });
      expect(generatedTokenCount(state.ledger)).toBeLessThanOrEqual(all);
      expect(state.decisions.filter(({ kind }) => kind === 'searchEnded')).toMatchObject([
        { why: 'The search ended, because its budget has room for answers alone.' },
      ]);
      expect(result?.answer).toBe('12');
    },
  );

  test('has all of its thoughts answer from what a budget leaves, and not the first alone', async () => {
    const request = { candidateCount: 4, budget: { generatedTokens: 400 } };
    const { state } = await search(endless, { request });
    const ends = state.candidates.map(({ end }) => end);
    expect(ends.filter((end) => end === 'finished').length).toBeGreaterThan(1);
    expect(ends).not.toContain('truncated');
  });

  test('has the best alone answer where a budget leaves too little for all', async () => {
    const rambling = thinking((_written, sequence) => line(`Path ${sequence} ${'goes on '.repeat(20)}`, 0.5));
    const request = { candidateCount: 4, budget: { generatedTokens: 90 } };
    const { state, result } = await search(rambling, { request });
    const ends = state.candidates.map(({ end }) => end);
    expect(ends.filter((end) => end === 'finished')).toHaveLength(3);
    expect(ends).not.toContain('truncated');
    expect(state.decisions.map(({ why }) => why)).toContain('The budget has no room for its answer.');
    expect(result?.answer).toBe('12');
  });

  test('with a budget of nothing writes nothing, and says so', async () => {
    const { state, result } = await search(twoSteps, { request: { budget: { generatedTokens: 0 } } });
    expect(generatedTokenCount(state.ledger)).toBe(0);
    expect(result?.reason).toBe('budgetExhausted');
    expect(result?.answer).toBeNull();
  });

  test('keeps to the context', async () => {
    const { state, result } = await search(endless, { engine: { contextTokens: 200 } });
    expect(state.decisions.map(({ why }) => why)).toContain(
      'The search ended, because its context has room for answers alone.',
    );
    expect(result?.answer).toBe('12');
  });

  test('has the thoughts so far answer when the user wants the answer', async () => {
    const steering = new Steering();
    let tokens = 0;
    const { state, result } = await search(endless, {
      dependencies: { steering },
      onEvent: ({ type }) => {
        if (type === 'tokens/appended' && ++tokens === 10) expect(steering.steer('answerNow')).toBe(true);
        if (type === 'tokens/appended' && tokens === 4) expect(steering.steer('thinkMore')).toBe(false);
      },
    });
    expect(state.decisions.filter(({ kind }) => kind === 'answerNow')).toHaveLength(2);
    expect(result?.answer).toBe('12');
  });

  test.each(['stop', 'cancel'] as const)('ends soon on a %s, with every candidate closed', async (wish) => {
    const steering = new Steering();
    const cancellation = new AbortController();
    let tokens = 0;
    const { state, result } = await search(twoSteps, {
      dependencies: { steering },
      signal: cancellation.signal,
      onEvent: ({ type }) => {
        if (type !== 'tokens/appended' || ++tokens !== 7) return;
        if (wish === 'stop') steering.steer('stop');
        else cancellation.abort();
      },
    });
    expect(result?.reason).toBe(wish === 'stop' ? 'stoppedByUser' : 'cancelled');
    expect(state.candidates.map(({ end }) => end)).not.toContain(null);
    expect(state.selected === null).toBe(wish === 'cancel');
  });
});
