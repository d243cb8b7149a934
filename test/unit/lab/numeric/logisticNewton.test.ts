import { expect, test } from 'vitest';
import { logisticNewton } from '../../../../lab/numeric/logisticNewton.ts';
import { probabilityOf } from '../../../../lab/numeric/logisticRidge.ts';
import { uniformAt } from '../../../../sidecar/numeric/random.ts';

const inputs = Array.from({ length: 80 }, (_, row) => [0, 1, 2].map((i) => uniformAt(2, row, i) * 2 - 1));
const labels = inputs.map(([a = 0, b = 0], row) => a - 2 * b + uniformAt(3, row, 0) - 0.5 > 0);
const weights = inputs.map((_, row) => 0.5 + uniformAt(4, row, 0));
const rows = { values: Float64Array.from(inputs.flat()), columnCount: 3, labels, weights };

test('ends where the gradient of the weighted, penalised loss is zero, wherever it starts', () => {
  for (const penalties of [Float64Array.of(0.01, 0.01, 0.01), Float64Array.of(5, 0.1, 20)]) {
    const model = logisticNewton(rows, penalties);
    const errors = inputs.map(
      (row, i) => (weights[i] ?? 0) * (Number(labels[i]) - probabilityOf(model, row)),
    );
    expect(errors.reduce((sum, error) => sum + error, 0)).toBeCloseTo(0, 3);
    for (let i = 0; i < 3; i++) {
      const pull = inputs.reduce((sum, row, n) => sum + (errors[n] ?? 0) * (row[i] ?? 0), 0);
      expect(pull).toBeCloseTo((penalties[i] ?? 0) * (model.weights[i] ?? 0), 3);
    }
    const far = logisticNewton(rows, penalties, { weights: Float64Array.of(30, 30, -30), bias: -20 });
    for (let i = 0; i < 3; i++) expect(far.weights[i]).toBeCloseTo(model.weights[i] ?? NaN, 2);
  }
});

test('gives the weighted share of a class where nothing parts it', () => {
  const model = logisticNewton(
    { values: Float64Array.of(0, 0, 0), columnCount: 1, labels: [true, true, false], weights: [1, 2, 1] },
    Float64Array.of(1),
  );
  expect(model.weights[0]).toBe(0);
  expect(probabilityOf(model, [7])).toBeCloseTo(0.75, 4);
});

test('keeps separable rows finite by the penalty', () => {
  const model = logisticNewton(
    {
      values: Float64Array.of(-1, -1, 1, 1),
      columnCount: 1,
      labels: [false, false, true, true],
      weights: [1, 1, 1, 1],
    },
    Float64Array.of(0.5),
  );
  // 0.5 w = 4 (1 − σ(w)).
  const [w = NaN] = model.weights;
  expect(0.5 * w).toBeCloseTo(4 / (1 + Math.exp(w)), 3);
});
