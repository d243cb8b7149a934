import { describe, expect, it } from 'vitest';
import { type CandidateState, initialTraceState, reduceTraceAll } from '../../../../protocol/traceState.ts';
import { tokenFacts, visibleText } from '../../../../webview-ui/charts/tokenFacts.ts';
import { tokenRun } from '../../../support/trace/tokenRun.ts';

function candidateWith(chosen: number): CandidateState {
  const run = tokenRun([0.9], ['a\n']);
  const state = reduceTraceAll(initialTraceState, [
    {
      type: 'candidate/opened',
      candidateId: 0,
      parent: null,
      sampler: { temperature: 1, topK: 0, topP: 1, minP: 0 },
      seq: 0,
      timeMs: 0,
    },
    {
      type: 'tokens/appended',
      candidateId: 0,
      purpose: 'thought',
      tokens: {
        ...run,
        ids: [chosen],
        logprobs: [Math.log(0.1)],
        alternatives: [
          [
            { id: 7, text: 'b', logprob: Math.log(0.2) },
            { id: 5, text: 'c', logprob: Math.log(0.6) },
          ],
        ],
      },
      seq: 1,
      timeMs: 0,
    },
  ]);
  const [candidate] = state.candidates;
  if (candidate === undefined) throw new Error('The trace opened no candidate.');
  return candidate;
}

describe('tokenFacts', () => {
  it('ranks the alternatives and marks the token that was drawn', () => {
    const facts = tokenFacts(candidateWith(7), 0);
    expect(facts?.alternatives.map(({ text, isChosen }) => [text, isChosen])).toEqual([
      ['c', false],
      ['b', true],
    ]);
    expect(facts?.alternatives[0]?.probability).toBeCloseTo(0.6);
  });

  it('adds a drawn token that is not among the most likely ones', () => {
    const facts = tokenFacts(candidateWith(99), 0);
    expect(facts?.alternatives.at(-1)).toMatchObject({ text: 'a\n', isChosen: true });
    expect(facts?.alternatives).toHaveLength(3);
  });

  it('knows no token beyond the last', () => {
    expect(tokenFacts(candidateWith(7), 1)).toBeNull();
  });
});

describe('visibleText', () => {
  it.each([
    [' the', '␣the'],
    ['\n\n', '⏎⏎'],
    ['\t\r', '⇥␍'],
    ['', '(no text)'],
  ])('shows %j as %s', (text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });
});
