import { choleskyFactor, choleskySolveVector } from './cholesky.ts';

/** P(1) = σ(weights · x + bias) of a row x. */
export interface LogisticModel {
  readonly weights: Float64Array;
  readonly bias: number;
}

const mostRounds = 500;
/** A round that moves no logit by more than this is the last. */
const tolerance = 1e-4;

/**
 * Logistic regressions with the penalty λ/2 · |weights|² on the sum of log-losses, one for each λ in turn; the bias is not
 * penalised. Rows should be standardised. Each round minimises a quadratic bound of the loss (Böhning and Lindsay, 1988), so
 * that one factorisation serves all rounds of a λ and no step overshoots. Costs rows · columns² once and columns³/3 a λ.
 */
export function logisticRidge(
  rows: readonly ArrayLike<number>[],
  labels: readonly boolean[],
  lambdas: readonly number[],
): readonly LogisticModel[] {
  // The bias is the weight of a last column of ones.
  const size = (rows[0]?.length ?? 0) + 1;
  const columns = rows.map((row) =>
    Float64Array.from({ length: size }, (_, i) => (i + 1 < size ? (row[i] ?? 0) : 1)),
  );
  const gram = new Float64Array(size * size);
  for (const row of columns) {
    for (let i = 0; i < size; i++) {
      const factor = 0.25 * (row[i] ?? 0);
      for (let j = 0; j <= i; j++) gram[i * size + j] = (gram[i * size + j] ?? 0) + factor * (row[j] ?? 0);
    }
  }
  return lambdas.map((lambda) => {
    const bound = gram.slice();
    // A trace of it keeps the bias's row positive definite too.
    for (let i = 0; i < size; i++)
      bound[i * size + i] = (bound[i * size + i] ?? 0) + (i + 1 < size ? lambda : 1e-9);
    const factor = choleskyFactor(bound, size);
    if (factor === null) throw new RangeError('The penalty is too small for these rows.');
    const weights = fit({ columns, labels, lambda, size }, factor);
    return { weights: weights.slice(0, size - 1), bias: weights[size - 1] ?? 0 };
  });
}

/** P(1) of a row, in 0…1. */
export function probabilityOf({ weights, bias }: LogisticModel, row: ArrayLike<number>): number {
  let logit = bias;
  for (let i = 0; i < weights.length; i++) logit += (weights[i] ?? 0) * (row[i] ?? 0);
  return sigmoid(logit);
}

interface Fit {
  readonly columns: readonly Float64Array[];
  readonly labels: readonly boolean[];
  readonly lambda: number;
  readonly size: number;
}

function fit({ columns, labels, lambda, size }: Fit, factor: Float64Array): Float64Array {
  const weights = new Float64Array(size);
  for (let round = 0; round < mostRounds; round++) {
    const gradient = weights.map((weight, i) => (i + 1 < size ? -lambda * weight : 0));
    for (const [index, row] of columns.entries()) {
      const error = (labels[index] === true ? 1 : 0) - sigmoid(product(weights, row));
      for (let i = 0; i < size; i++) gradient[i] = (gradient[i] ?? 0) + error * (row[i] ?? 0);
    }
    const step = choleskySolveVector(factor, size, gradient);
    for (let i = 0; i < size; i++) weights[i] = (weights[i] ?? 0) + (step[i] ?? 0);
    if (columns.every((row) => Math.abs(product(step, row)) < tolerance)) break;
  }
  return weights;
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
