import { expect, it } from 'vitest';
import { judgeQuestions } from '../../../../../lab/bench/reasoning/judgeQuestions.ts';
import { shippedTable } from '../../../../../sidecar/reasoning/difficulty/autoTable.ts';
import {
  entropyRule,
  uncalibratedThresholds,
} from '../../../../../sidecar/reasoning/difficulty/entropyRule.ts';
import { scriptedModel } from '../../../../support/engine/scriptedRequest.ts';

it('tells each question’s class as auto would, and answers none', async () => {
  let generated = 0;
  const model = await scriptedModel(({ text }) => {
    generated += 1;
    const entropyNats = text.includes('sure') ? 0.01 : 2;
    return Array.from({ length: 200 }, () => ({ text: ' so', entropyNats }));
  });
  const questions = ['I am sure.', 'Who knows?'].map((question, index) => {
    return { id: `q${index}`, index, question, hash: String(index), expected: '1' };
  });
  const estimator = entropyRule(uncalibratedThresholds);
  const answerer = { model, estimator, tables: [shippedTable], codeParser: null };
  const classes = await judgeQuestions(answerer, questions, new AbortController().signal);
  expect([...classes]).toEqual([
    ['q0', 'easy'],
    ['q1', 'hard'],
  ]);
  expect(generated).toBe(2);
});
