import { expect, test } from 'vitest';
import { requireNotFitted } from '../../../../../lab/bench/value/headFacts.ts';
import { judgeByHead } from '../../../../../lab/bench/value/judgedQuestions.ts';
import { valueFigures } from '../../../../../lab/bench/value/valueFigures.ts';
import type { ValueInput } from '../../../../../sidecar/reasoning/value/valueHead.ts';
import { questionMark } from '../../../../../sidecar/reasoning/difficulty/probe.ts';
import { syntheticValueSet } from '../../../../support/value/syntheticValueSet.ts';

const rules = { kappa: 4, settledAt: 0.9, hopelessBelow: 0 };
const constants = { lineEnd: 0.5, answer: 0.5 };

/** A head that knows what `syntheticValueSet` hides in the first component. */
const head = {
  values: (inputs: readonly ValueInput[]) =>
    Promise.resolve(inputs.map(({ state }) => 1 / (1 + Math.exp(-3 * (state[0] ?? 0))))),
};

async function figuresFor(signal: number) {
  const set = syntheticValueSet({ questionCount: 60, signal, samples: 8 });
  const stated = set.map(({ scores, ...question }) => ({ ...question, states: scores }));
  const judged = await judgeByHead(head, stated, constants);
  const figures = valueFigures(judged, rules);
  const valueOf = (name: string): number => {
    const figure = figures.find((one) => one.type === 'single' && one.name === name);
    return figure?.type === 'single' ? figure.value : NaN;
  };
  const contrastOf = (name: string) =>
    figures.find((one) => one.type === 'contrast' && one.subjectName === name);
  return { judged, figures, valueOf, contrastOf };
}

test('a head that sees what is right is told from one that sees nothing', async () => {
  const seeing = await figuresFor(1.5);
  const blind = await figuresFor(0);
  expect(seeing.valueOf('AUROC at answers, within a question')).toBeGreaterThan(0.95);
  expect(Math.abs(blind.valueOf('AUROC at answers, within a question') - 0.5)).toBeLessThan(0.1);
  expect(seeing.valueOf('log-loss at answers')).toBeLessThan(Math.LN2);
  expect(blind.valueOf('log-loss at answers')).toBeGreaterThan(Math.LN2);
});

test('choosing and stopping by value is set beside the majority of all', async () => {
  const { contrastOf, judged } = await figuresFor(1.5);
  const stop = contrastOf('settled or hopeless by value');
  expect(stop).toMatchObject({ baselineName: 'majority', questions: 60 });
  expect(stop?.type === 'contrast' && stop.tokenRatio.estimate).toBeLessThan(0.7);
  expect(stop?.type === 'contrast' && stop.accuracyDifference.estimate).toBeGreaterThanOrEqual(0);
  const [first] = judged.replayed;
  expect(first).toHaveLength(8);
  // Values of candidates that answer are those at the answer.
  expect(first?.every(({ value }) => value > 0 && value < 1)).toBe(true);
});

test('every tenth that has answers has its row, and together they are all answers', async () => {
  const { figures, judged } = await figuresFor(1.5);
  const rows = figures.filter(
    (figure) => figure.type === 'single' && /^answers given 0\.\d to /u.test(figure.name),
  );
  const counts = rows.map((row) => Number(/ of (\d+);/u.exec(row.type === 'single' ? row.basis : '')?.[1]));
  const answers = judged.examples.filter(({ place }) => place === 'answer').length;
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(answers);
});

test('questions that the head was fitted to are refused', () => {
  const hash = 'a'.repeat(64);
  const questions = [{ id: 'q7', hash }];
  expect(() => {
    requireNotFitted(questions, { trainingMarks: new Set([questionMark('b'.repeat(64))]) });
  }).not.toThrow();
  expect(() => {
    requireNotFitted(questions, { trainingMarks: new Set([questionMark(hash)]) });
  }).toThrow(/fitted to 1 of these questions, such as q7/u);
});
