import { describe, expect, test } from 'vitest';
import {
  scriptBySequence,
  type ScriptedPart,
  splitWords,
} from '../../../../../sidecar/engine/scripted/script.ts';
import {
  confidenceFloor,
  isBelow,
  warmUpCount,
} from '../../../../../sidecar/reasoning/exploration/confidenceFloor.ts';
import { Steering } from '../../../../../sidecar/request/steering.ts';
import { runScripted, type ScriptedRun } from '../../../../support/engine/scriptedRequest.ts';

describe('the warm-up', () => {
  test.each([
    [8, 3],
    [16, 6],
    [4, 3],
    [2, 2],
  ])('of %i candidates is %i', (count, expected) => {
    expect(warmUpCount(count)).toBe(expected);
  });
});

describe('the floor', () => {
  // Windows of two tokens: half of the shortest. Least means 1, 2 and 3.
  const warmUps = [
    [5, 1, 1, 5],
    [2, 2, 2, 2, 9, 9],
    [4, 2, 4, 4],
  ];

  test('is a percentile of the least means over the same window, by nearest rank', () => {
    expect(confidenceFloor(warmUps, 'cautious')).toEqual({ leastConfidence: 1, windowTokens: 2 });
    expect(confidenceFloor(warmUps, 'strict')).toEqual({ leastConfidence: 3, windowTokens: 2 });
  });

  test('is none with fewer than three whole warm-ups', () => {
    expect(confidenceFloor(warmUps.slice(1), 'strict')).toBeNull();
    expect(confidenceFloor(warmUps, 'off')).toBeNull();
  });

  test('looks at every window that the newest tokens end, and not before one is full', () => {
    const floor = { leastConfidence: 2, windowTokens: 2 };
    expect(isBelow([0], 1, floor)).toBe(false);
    expect(isBelow([2, 2], 1, floor)).toBe(false);
    // The low one lies in the window before the last.
    expect(isBelow([3, 0, 3, 3], 2, floor)).toBe(true);
    expect(isBelow([3, 0, 3, 3], 1, floor)).toBe(false);
  });
});

/** A thought and its answer, every token of this confidence in nats. */
function candidate(confidence: number, thought: string, answer: string): readonly ScriptedPart[] {
  const part = (text: string): ScriptedPart =>
    splitWords(text).map((word) => {
      return { text: word, alternatives: [{ id: 1, text: word, logprob: -confidence }] };
    });
  return [part(`${thought}\nFinal answer:`), part(` ${answer}\n`)];
}

const words = 'one after another they all have four legs'.repeat(2);

function run(candidates: readonly (readonly ScriptedPart[])[], change: ScriptedRun = {}) {
  return runScripted(scriptBySequence(candidates), {
    ...change,
    request: {
      strategy: 'selfConsistency',
      candidateCount: candidates.length,
      earlyStopping: {
        consensus: 'certain',
        trialConfidence: 0,
        steadyAnswers: false,
        confidencePruning: 'cautious',
      },
      ...change.request,
    },
  });
}

describe('candidates behind the warm-up', () => {
  const disagreeing = [candidate(2, words, '12'), candidate(3, words, '9'), candidate(4, words, '8')];

  test('end where the model is less sure, and their tokens count as discarded', async () => {
    const { state, result } = await run([
      ...disagreeing,
      candidate(1, words.repeat(3), '9'),
      candidate(2, words, '12'),
    ]);
    expect(state.candidates.map(({ end }) => end)).toEqual([
      'finished',
      'finished',
      'finished',
      'pruned',
      'finished',
    ]);
    const pruned = state.candidates[3];
    expect(pruned?.tokenCount).toBeLessThan(30);
    expect(state.ledger.tokens.discardedCandidate).toBeGreaterThanOrEqual(pruned?.tokenCount ?? Infinity);
    expect(result?.answer).toBe('12');
  });

  test('never open where the warm-up has decided the vote', async () => {
    const agreeing = [2, 3, 4].map((confidence) => candidate(confidence, words, '12'));
    const { state, result } = await run([...agreeing, candidate(5, words, '9'), candidate(5, words, '9')]);
    expect(state.candidates).toHaveLength(3);
    expect(state.decisions.map(({ kind }) => kind)).toEqual(['candidatesWait', 'consensusReached']);
    expect(result).toMatchObject({ answer: '12', reason: 'answered' });
  });

  test.each([
    ['answerNow', 'you asked for the answer'],
    ['stop', 'you stopped the request'],
  ] as const)('never open behind %s', async (action, reason) => {
    const steering = new Steering();
    const accepted: boolean[] = [];
    const { state } = await run([...disagreeing, candidate(5, words, '9'), candidate(5, words, '9')], {
      dependencies: { steering },
      onEvent: ({ seq }) => {
        if (seq === 6) accepted.push(steering.steer(action));
      },
    });
    expect(state.candidates).toHaveLength(3);
    expect(accepted).toEqual([true]);
    expect(state.decisions.map(({ why }) => why)).toContain(
      `2 candidates that waited do not begin: ${reason}.`,
    );
  });

  test('never open once their answer is asked for while the others give theirs', async () => {
    const steering = new Steering();
    const { state, result } = await run([...disagreeing, candidate(5, words, '9')], {
      dependencies: { steering },
      onEvent: (event) => {
        if (event.type === 'candidate/closed') expect(steering.steer('answerNow')).toBe(true);
      },
    });
    expect(state.candidates).toHaveLength(3);
    expect(result?.reason).toBe('answered');
  });

  test.each([
    [100, 'budgetExhausted'],
    // All three have answered by then, with less than a tenth of the time left.
    [220, 'answered'],
  ] as const)('never open where the time is short by then, with %i ms', async (durationMs, reason) => {
    const { state, result } = await run([...disagreeing, candidate(5, words, '9')], {
      request: { budget: { durationMs }, strategy: 'selfConsistency', candidateCount: 4 },
    });
    expect(state.candidates).toHaveLength(3);
    expect(result?.reason).toBe(reason);
    expect(state.decisions.map(({ kind }) => kind)).toContain('candidatesLeftOut');
  });

  test('run to their ends where no warm-up came to its own', async () => {
    const cut = candidate(2, words.repeat(20), '12');
    const { state } = await run([cut, cut, cut, candidate(1, words, '9')], {
      request: { maxThoughtTokens: 16, budget: { answerTokensPerCandidate: 0 }, candidateCount: 4 },
    });
    expect(state.decisions.map(({ kind }) => kind)).not.toContain('confidenceFloorSet');
    expect(state.candidates).toHaveLength(4);
  });
});
