import { expect, test } from 'vitest';
import type { CandidateEnd } from '../../../../../protocol/traceEvent.ts';
import { scriptBySequence } from '../../../../../sidecar/engine/scripted/script.ts';
import { furthest } from '../../../../../sidecar/reasoning/exploration/selectAnswer.ts';
import { runScripted } from '../../../../support/engine/scriptedRequest.ts';

const progress = (end: CandidateEnd, answer: string | null, answerTokens: number) => {
  return { end, answer, answerTokens };
};
const inOrder = [
  progress('finished', '12', 3),
  progress('truncated', '12', 3),
  progress('finished', null, 40),
  progress('truncated', '12', 0),
  progress('truncated', null, 40),
];

test('without a vote an answer comes before none, and a whole text before a step on the way to one', () => {
  expect(furthest(inOrder.slice(0, 0))).toBeUndefined();
  for (const [place, better] of inOrder.entries()) {
    for (const worse of inOrder.slice(place + 1)) {
      expect(furthest([worse, better])).toBe(better);
      expect(furthest([better, worse])).toBe(better);
    }
  }
});

test('the first of equals is taken', () => {
  const [first, second] = [progress('pruned', null, 0), progress('stopped', null, 9)];
  expect(furthest([first, second])).toBe(first);
});

test('an answer that was cut off behind its number serves more than a whole text without any', async () => {
  const { result, state } = await runScripted(
    scriptBySequence([
      [' Hm.\nFinal answer: ', 'I do not know what any of these many cats would have to say about it.'],
      [' Three times four.\nFinal answer:', ' 12 legs, '.repeat(200)],
    ]),
    {
      request: {
        strategy: 'selfConsistency',
        candidateCount: 2,
        budget: { answerTokensPerCandidate: 40 },
      },
    },
  );
  expect(state.candidates.map(({ end, answer }) => [end, answer])).toEqual([
    ['finished', null],
    ['truncated', '12'],
  ]);
  expect(result).toMatchObject({ answer: '12', reason: 'budgetExhausted' });
});
