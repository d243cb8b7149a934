import { describe, expect, test } from 'vitest';
import { generatedTokenCount } from '../../../../../protocol/budget.ts';
import type { Script } from '../../../../../sidecar/engine/scripted/script.ts';
import { parseStepNumber } from '../../../../../sidecar/reasoning/search/firstError.ts';
import { Steering } from '../../../../../sidecar/request/steering.ts';
import { runScripted, type ScriptedRun } from '../../../../support/engine/scriptedRequest.ts';
import { endless, line } from '../../../../support/engine/stepScript.ts';
import { expectGolden } from '../../../../support/trace/golden.ts';
import { renderTrace } from '../../../../support/trace/traceText.ts';

describe('the verdict of the critic', () => {
  test.each([
    ['0', 0],
    [' 3\n', 3],
    ['4', null],
    ['-1', null],
    ['Step 2', null],
    ['', null],
  ])('%j of three steps', (text, expected) => {
    expect(parseStepNumber(text, 3)).toBe(expected);
  });
});

/**
 * Two originals whose second step is wrong in the first and right in the second; whoever goes on from before a wrong step
 * gets it right. The critic finds every step that says "wrong".
 */
const script: Script = ({ text, sequence, request }) => {
  if (request.choices !== undefined) return critic(text);
  const written = text.slice(text.lastIndexOf('assistant\n') + 'assistant\n'.length);
  if (/final answer:$/iu.test(written)) return written.includes('wrong') ? ' 9\n' : ' 12\n';
  if (written === '') return line('Three cats have four legs each.', 0.9);
  if (!written.includes('times')) {
    return sequence === 0 ? line('Three times four is 9, wrong.', 0.4) : line('Three times four is 12.', 0.8);
  }
  return 'Final answer:';
};

function critic(text: string): string {
  const steps = text.split('\n').filter((row) => /^\d+\. /u.test(row));
  return `${steps.findIndex((row) => row.includes('wrong')) + 1}`;
}

const refine = (run: ScriptedRun = {}, played: Script = script) =>
  runScripted(played, {
    ...run,
    request: { strategy: 'refineFirstError', candidateCount: 4, maxThoughtTokens: 60, ...run.request },
  });

describe('refineFirstError', () => {
  test('goes on from before the first wrong step, and lets originals and refined ones vote', async () => {
    const { state, events, result } = await refine();
    expectGolden('refineFirstError', renderTrace(state, events));
    const [first, ...others] = state.decisions.filter(({ kind }) => kind === 'stepDoubted');
    expect(first?.candidateId).toBe(0);
    expect(others).toEqual([]);
    expect(state.decisions.filter(({ kind }) => kind === 'noStepDoubted')).toMatchObject([
      { candidateId: 1, why: 'No step looks wrong, of 2 that the critic read.' },
    ]);
    expect(state.candidates.map(({ parent }) => parent)).toEqual([
      null,
      null,
      { candidateId: 0, tokenCount: 7 },
    ]);
    expect(state.vote?.tallies.map(({ answer, candidateIds }) => [answer, candidateIds])).toEqual([
      ['12', [1, 2]],
      ['9', [0]],
    ]);
    expect(result?.text).toBe('Three cats have four legs each.\nThree times four is 12.\nFinal answer: 12\n');
  });

  test('begins anew at the prompt where the first step is wrong', async () => {
    const { state } = await refine({}, (situation) =>
      situation.request.choices === undefined ? script(situation) : '1',
    );
    expect(state.candidates.map(({ parent }) => parent)).toEqual([null, null, null, null]);
  });

  test('alone is a chain of thought that nobody criticizes', async () => {
    const { state, result } = await refine({ request: { candidateCount: 1 } });
    expect(state.candidates).toHaveLength(1);
    expect(state.ledger.tokens.verification).toBe(0);
    expect(result?.answer).toBe('9');
  });

  test('leaves out refinement where the verdict cannot be read, and says so', async () => {
    const { state, result } = await refine({}, (situation) =>
      situation.request.choices === undefined ? script(situation) : 'the second',
    );
    expect(state.candidates).toHaveLength(2);
    expect(state.decisions).toContainEqual(
      expect.objectContaining({
        kind: 'searchEnded',
        why: 'The search ended, because the critic was left out: its verdict cannot be read.',
      }),
    );
    expect(result?.reason).toBe('answered');
  });

  test.each([0, 30, 80])('with a budget of %d tokens in all', async (generatedTokens) => {
    const { state, result } = await refine({ request: { budget: { generatedTokens } } }, endless);
    expect(generatedTokenCount(state.ledger)).toBeLessThanOrEqual(generatedTokens);
    expect(state.candidates.map(({ end }) => end)).not.toContain(null);
    expect(result?.reason).toBe(generatedTokens === 0 ? 'budgetExhausted' : 'answered');
  });

  test('numbers its candidates as they open, where one of them is pruned before it has begun', async () => {
    const steering = new Steering();
    const { events } = await refine({
      request: { budget: { generatedTokens: 1 } },
      dependencies: { steering },
      onEvent: ({ type }) => {
        if (type === 'prefill/finished') steering.steer('stop');
      },
    });
    const opened = events.flatMap((event) => (event.type === 'candidate/opened' ? [event.candidateId] : []));
    expect(opened).toEqual([0, 1]);
  });

  test('returns the text of a thought where none came to an answer', async () => {
    const { result } = await refine({}, ({ request }) =>
      request.choices === undefined ? 'I cannot say.' : '0',
    );
    expect(result?.text).toContain('I cannot say.');
  });

  test('opens no sequence beside its own: where one is allowed, it does not wait for another', async () => {
    const { result } = await refine({ engine: { maxSequences: 1 } });
    expect(result?.answer).toBe('12');
  });

  test.each(['answerNow', 'stop', 'cancel'] as const)(
    'heeds a wish while the critic reads: %s',
    async (wish) => {
      const steering = new Steering();
      const cancellation = new AbortController();
      const { state, result } = await refine(
        { dependencies: { steering }, signal: cancellation.signal },
        (situation) => {
          if (situation.request.choices !== undefined) {
            if (wish === 'cancel') cancellation.abort();
            else steering.steer(wish);
          }
          return script(situation);
        },
      );
      const reasons = { answerNow: 'answered', stop: 'stoppedByUser', cancel: 'cancelled' } as const;
      expect(result?.reason).toBe(reasons[wish]);
      expect(state.candidates.map(({ end }) => end)).not.toContain(null);
    },
  );
});
