import { describe, expect, test } from 'vitest';
import { generatedTokenCount } from '../../../../../protocol/budget.ts';
import type { Script, ScriptedPart } from '../../../../../sidecar/engine/scripted/script.ts';
import { shareOfYes } from '../../../../../sidecar/reasoning/selection/contextCheck.ts';
import { Steering } from '../../../../../sidecar/request/steering.ts';
import { runScripted, type ScriptedRun } from '../../../../support/engine/scriptedRequest.ts';
import { expectGolden } from '../../../../support/trace/golden.ts';
import { renderTrace } from '../../../../support/trace/traceText.ts';

describe('how sure a check is', () => {
  const alternatives = (...pairs: readonly (readonly [string, number])[]) =>
    pairs.map(([text, probability], id) => ({ id, text, logprob: Math.log(probability) }));

  test('is the part of "yes" in both words, however they are spelled', () => {
    const spelled = alternatives(['Yes', 0.4], [' no', 0.2], ['yes', 0.2], ['Well', 0.2]);
    expect(shareOfYes(spelled, 'yes')).toBeCloseTo(0.75, 12);
    expect(shareOfYes(alternatives(['no', 0.3]), 'no')).toBe(0);
  });

  test('is what was written where neither word is likely', () => {
    expect(shareOfYes(alternatives(['Well', 0.9]), 'yes')).toBe(1);
    expect(shareOfYes([], 'no')).toBe(0);
  });

  test.each(['', 'ye', 'maybe', 'yes and no'])('cannot be read from "%s"', (written) => {
    expect(shareOfYes(alternatives(['yes', 0.9]), written)).toBeNull();
  });
});

const answers = ['9', '12', '9', '7'];

/** Text of an answer as the checker sees it. */
const sureness: Readonly<Record<string, number>> = { '9': 0.2, '12': 0.9, '7': 0.1 };

/** Seven tokens, of which no sentence end comes before the marker. */
const thought = 'So many words lead there Final answer:';

/** Candidates with these answers, and a checker that is as sure of each as it is told to be. */
const script: Script = ({ sequence, call, text, request }) => {
  if (request.choices === undefined) return call === 0 ? thought : ` ${answers[sequence] ?? ''}\n`;
  const shown = /Final answer: (\d+)/u.exec(text)?.[1] ?? '';
  return verdict(sureness[shown] ?? 0);
};

function verdict(yes: number): ScriptedPart {
  const alternatives = [
    { id: 1, text: 'yes', logprob: Math.log(yes) },
    { id: 2, text: 'no', logprob: Math.log(1 - yes) },
  ];
  return [{ text: yes > 0.5 ? 'yes' : 'no', alternatives }];
}

const checked = (run: ScriptedRun = {}) =>
  runScripted(script, {
    ...run,
    request: { strategy: 'verifyByContext', candidateCount: answers.length, ...run.request },
  });

describe('verifyByContext', () => {
  test('takes the answer whose votes the check leaves the most weight, and books what it took', async () => {
    const { state, events } = await checked();
    expectGolden('verifyByContext', renderTrace(state, events));
    expect(state.selected?.answer).toBe('12');
    expect(state.ledger.tokens.verification).toBe(3);
  });

  test('lets a chosen selector decide among the answers that pass', async () => {
    const majority = await checked({ request: { selector: 'majority' } });
    // Two candidates said 9, which the check holds for wrong.
    expect(majority.state.vote).toMatchObject({ selector: 'majority', tallies: [{ answer: '12' }] });
    expect(majority.state.selected?.answer).toBe('12');
    const [note] = majority.state.decisions.filter(({ kind }) => kind === 'answersChecked');
    expect(note?.why).toContain('9 (20 % sure)');
    expect(majority.state.ledger.tokens.verification).toBe(3);
  });

  test('lets a chosen selector decide among all where nothing passes or the check breaks off', async () => {
    const doubtful: Script = (context) =>
      context.request.choices === undefined ? script(context) : verdict(0.1);
    const none = await runScripted(doubtful, {
      request: { strategy: 'verifyByContext', candidateCount: 4, selector: 'majority' },
    });
    const budget = { generatedTokens: 36, thoughtTokensPerCandidate: 7, answerTokensPerCandidate: 2 };
    const broken = await checked({ request: { budget, selector: 'majority' } });
    for (const { state } of [none, broken]) {
      expect(state.selected?.answer).toBe('9');
      expect(state.decisions.filter(({ kind }) => kind === 'answersChecked')).toHaveLength(1);
    }
  });

  test('says that every answer passed', async () => {
    const trusting: Script = (context) =>
      context.request.choices === undefined ? script(context) : verdict(0.9);
    const { state } = await runScripted(trusting, {
      request: { strategy: 'verifyByContext', candidateCount: 4, selector: 'majority' },
    });
    expect(state.ledger.tokens.verification).toBe(3);
    expect(state.decisions).toMatchObject([
      { kind: 'answersChecked', why: 'The check held no answer for wrong, so majority decided among all.' },
    ]);
    expect(state.selected?.answer).toBe('9');
  });

  test.each([null, 'majority'] as const)(
    'checks nothing where there is one answer alone: %s',
    async (selector) => {
      const { state } = await runScripted(({ call }) => (call === 0 ? thought : ' 9\n'), {
        request: { strategy: 'verifyByContext', candidateCount: 2, selector },
      });
      expect(state.ledger.tokens.verification).toBe(0);
      expect(state.selected?.answer).toBe('9');
      expect(state.decisions).toEqual([]);
    },
  );

  test('returns the text of a candidate where none gave an answer', async () => {
    const { state, result } = await runScripted(({ call }) => (call === 0 ? 'I cannot say.' : ''), {
      request: { strategy: 'verifyByContext', candidateCount: 3 },
    });
    expect(state.vote).toBeNull();
    expect(result?.answer).toBeNull();
    expect(result?.text).toContain('I cannot say.');
  });
});

describe('the majority decides, and the log says why, where the check', () => {
  const fellBack = ({ state }: Awaited<ReturnType<typeof checked>>, reason: RegExp): void => {
    expect(state.decisions.filter(({ kind }) => kind === 'selectionFellBack')).toMatchObject([
      { why: expect.stringMatching(reason) as string },
    ]);
    expect(state.vote?.selector).toBe('majority');
    expect(state.selected?.answer).toBe('9');
  };

  test('has no budget left', async () => {
    const budget = { generatedTokens: 36, thoughtTokensPerCandidate: 7, answerTokensPerCandidate: 2 };
    const outcome = await checked({ request: { budget } });
    expect(generatedTokenCount(outcome.state.ledger)).toBe(36);
    fellBack(outcome, /budget was used up/u);
    expect(outcome.state.ledger.tokens.verification).toBe(0);
  });

  test('breaks its grammar', async () => {
    const vague: Script = (situation) =>
      situation.request.choices === undefined ? script(situation) : 'Well, perhaps';
    fellBack(
      await runScripted(vague, { request: { strategy: 'verifyByContext', candidateCount: answers.length } }),
      /verdict cannot be read/u,
    );
  });

  test('runs out of time', async () => {
    const outcome = await checked({ request: { budget: { durationMs: 95 } } });
    fellBack(outcome, /time was used up/u);
  });

  test('is stopped by the user', async () => {
    const steering = new Steering();
    let closed = 0;
    const outcome = await checked({
      dependencies: { steering },
      onEvent: ({ type }) => {
        if (type === 'candidate/closed' && ++closed === answers.length) steering.steer('stop');
      },
    });
    fellBack(outcome, /request was stopped/u);
    expect(outcome.result?.reason).toBe('stoppedByUser');
  });

  test('has no room in the context', async () => {
    const outcome = await checked({ engine: { contextTokens: 130 }, request: { candidateCount: 2 } });
    fellBack(outcome, /no room/u);
  });
});
