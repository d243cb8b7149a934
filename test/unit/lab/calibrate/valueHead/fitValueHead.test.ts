import { expect, test } from 'vitest';
import { chooseHead } from '../../../../../lab/calibrate/valueHead/chooseHead.ts';
import { fitSteps, fitValueHead } from '../../../../../lab/calibrate/valueHead/fitValueHead.ts';
import { valueExamplesOf } from '../../../../../lab/calibrate/valueHead/valueExamples.ts';
import { beatsConstantAt, reportOn } from '../../../../../lab/calibrate/valueHead/valueHeadReport.ts';
import { syntheticValueSet } from '../../../../support/value/syntheticValueSet.ts';

const never = new AbortController().signal;

test('a head finds what the states show, and says so on questions it never saw', async () => {
  const questions = syntheticValueSet({ questionCount: 40, signal: 1.2 });
  let steps = 0;
  const fit = await fitValueHead(questions, () => steps++, never);
  expect(steps).toBe(fitSteps);
  expect(fit.heldOut).toHaveLength(40 * 4 * 3);
  const report = reportOn(questions, fit.heldOut);
  expect(beatsConstantAt(report, 'answer')).toBe(true);
  const { answer, lineEnd } = report.places;
  expect(answer.head.withinQuestion).toBeGreaterThan(0.85);
  expect(answer.lossNats).toBeLessThan(0.75 * answer.constantLossNats);
  // States at line ends show less, and the vote share shows nothing that the answer's state does not.
  expect(lineEnd.lossNats).toBeGreaterThan(answer.lossNats);
  expect(report.voteShare.withinQuestion).toBeLessThan(answer.head.withinQuestion);
  expect(answer.reliability.reduce((sum, { count }) => sum + count, 0)).toBe(answer.exampleCount);
  expect(answer.calibrationError).toBeLessThan(0.15);
});

test('a head of states that show nothing, and of votes that show nothing, does not beat a constant', async () => {
  const labels = [true, false];
  // Every question has as many right as wrong answers, all different: neither states nor votes say anything.
  const questions = syntheticValueSet({ questionCount: 40, signal: 0 }).map((question, index) => ({
    ...question,
    candidates: question.candidates.map((candidate, sample) => ({
      ...candidate,
      isCorrect: labels[(sample + index) % 2] ?? true,
      answer: `${sample}`,
    })),
  }));
  const { heldOut } = await fitValueHead(questions, () => undefined, never);
  const report = reportOn(questions, heldOut);
  expect(beatsConstantAt(report, 'answer')).toBe(false);
  expect(report.places.answer.constantLossNats).toBeCloseTo(Math.LN2, 2);
});

test('the same examples give the same head, with one fit for both places or one for each', async () => {
  const examples = syntheticValueSet({ questionCount: 30, signal: 1 }).flatMap((one, i) =>
    valueExamplesOf(one, i),
  );
  const choose = () => chooseHead(examples, { stream: 1, onFitted: () => undefined }, never);
  const heads = await choose();
  expect(await choose()).toEqual(heads);
  expect(heads.lineEnd === heads.answer).toBe(heads.kind === 'one');
});

test('few questions, and answers that are all alike, are refused', async () => {
  const alike = syntheticValueSet({ questionCount: 60, signal: 1 }).map((question) => ({
    ...question,
    candidates: question.candidates.map((candidate) => ({ ...candidate, isCorrect: false })),
  }));
  for (const questions of [alike, syntheticValueSet({ questionCount: 10, signal: 1 }), []]) {
    await expect(fitValueHead(questions, () => undefined, never)).rejects.toMatchObject({
      code: 'calibration.unbalanced',
    });
  }
});

test('an abort ends it between two fits', async () => {
  const ended = new AbortController();
  let steps = 0;
  const onFitted = (): void => {
    steps += 1;
    if (steps === 3) ended.abort();
  };
  const questions = syntheticValueSet({ questionCount: 60, signal: 1 });
  await expect(fitValueHead(questions, onFitted, ended.signal)).rejects.toMatchObject({ code: 'cancelled' });
  expect(steps).toBe(3);
});
