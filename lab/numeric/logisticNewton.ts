import { choleskyFactor, choleskySolveVector } from './cholesky.ts';
import type { LogisticModel } from './logisticRidge.ts';

/** Rows of a weighted logistic regression. */
export interface LogisticRows {
  /** `columnCount` numbers a row, one row after another; columns should be standardised. */
  readonly values: Float64Array;
  readonly columnCount: number;
  readonly labels: readonly boolean[];
  /** How much each row's loss counts, at least 0. */
  readonly weights: readonly number[];
}

const mostRounds = 100;
const mostHalvings = 30;
/** A round that lowers the objective by a smaller share of it is the last. */
const tolerance = 1e-8;
/** Share of the gain before it that a round must stay below, or the curvature is computed anew. */
const quickShare = 0.1;
/** Curvature that every direction has at least: a column without variance leaves the matrix singular. */
const leastCurvature = 1e-9;

/**
 * Minimises Σ weight · log-loss + ½ Σ penalty · weight² by Newton's method, which is iteratively reweighted least squares;
 * the bias is not penalised. One curvature serves several rounds, while they converge quickly, and steps are halved until the
 * objective falls, so it converges from anywhere; `start` saves rounds. The same rows give the same model. Costs
 * rows · columns² / 2 multiplications a curvature and 2 · rows · columns a round. Throws `RangeError` where the penalties are
 * too small for the rows.
 */
export function logisticNewton(
  rows: LogisticRows,
  penalties: Float64Array,
  start: LogisticModel | null = null,
): LogisticModel {
  const size = rows.columnCount + 1;
  let point = new Float64Array(size);
  if (start !== null) point.set([...start.weights, start.bias]);
  let { objective, logits } = objectiveAt(rows, penalties, point);
  let factor: Float64Array | null = null;
  let lastGain = 0;
  for (let round = 0; round < mostRounds; round++) {
    const isFresh: boolean = factor === null;
    factor ??= curvatureFactor(rows, penalties, logits);
    const step = choleskySolveVector(factor, size, gradientAt(rows, penalties, { point, logits }));
    let next = { point: moved(point, step, 1), ...objectiveAt(rows, penalties, moved(point, step, 1)) };
    for (let halving = 1; halving <= mostHalvings && !(next.objective <= objective); halving++) {
      const shorter = moved(point, step, 2 ** -halving);
      next = { point: shorter, ...objectiveAt(rows, penalties, shorter) };
    }
    const gain = objective - next.objective;
    if (gain >= 0) ({ point, objective, logits } = next);
    // A curvature of another place may stall short of the minimum; one of this place does not.
    if (!(gain > tolerance * Math.abs(objective))) {
      if (isFresh) break;
      factor = null;
    } else if (!isFresh && gain > quickShare * lastGain) factor = null;
    lastGain = gain;
  }
  return { weights: point.slice(0, size - 1), bias: point[size - 1] ?? 0 };
}

function objectiveAt(
  { values, columnCount, labels, weights }: LogisticRows,
  penalties: Float64Array,
  point: Float64Array,
): { readonly objective: number; readonly logits: Float64Array } {
  const logits = new Float64Array(labels.length);
  let objective = 0;
  for (let i = 0; i < columnCount; i++) objective += ((penalties[i] ?? 0) * (point[i] ?? 0) ** 2) / 2;
  for (let row = 0; row < labels.length; row++) {
    let logit = point[columnCount] ?? 0;
    const at = row * columnCount;
    for (let i = 0; i < columnCount; i++) logit += (values[at + i] ?? 0) * (point[i] ?? 0);
    logits[row] = logit;
    // ln(1 + e^−z) without overflow.
    const z = labels[row] === true ? logit : -logit;
    objective += (weights[row] ?? 0) * (z > 0 ? Math.log1p(Math.exp(-z)) : Math.log1p(Math.exp(z)) - z);
  }
  return { objective, logits };
}

/** The negative gradient: a step along it lowers the objective. */
function gradientAt(
  { values, columnCount, labels, weights }: LogisticRows,
  penalties: Float64Array,
  { point, logits }: { readonly point: Float64Array; readonly logits: Float64Array },
): Float64Array {
  const gradient = point.map((weight, i) => -(penalties[i] ?? 0) * weight);
  for (let row = 0; row < labels.length; row++) {
    const probability = 1 / (1 + Math.exp(-(logits[row] ?? 0)));
    const error = (weights[row] ?? 0) * ((labels[row] === true ? 1 : 0) - probability);
    const at = row * columnCount;
    for (let i = 0; i < columnCount; i++) gradient[i] = (gradient[i] ?? 0) + error * (values[at + i] ?? 0);
    gradient[columnCount] = (gradient[columnCount] ?? 0) + error;
  }
  return gradient;
}

/** The Cholesky factor of the second derivatives at a point that has these logits. */
function curvatureFactor(
  { values, columnCount, labels, weights }: LogisticRows,
  penalties: Float64Array,
  logits: Float64Array,
): Float64Array {
  const size = columnCount + 1;
  const hessian = new Float64Array(size * size);
  // The bias is the weight of a last column of ones.
  const last = columnCount * size;
  for (let row = 0; row < labels.length; row++) {
    const probability = 1 / (1 + Math.exp(-(logits[row] ?? 0)));
    const curvature = (weights[row] ?? 0) * probability * (1 - probability);
    const at = row * columnCount;
    for (let i = 0; i < columnCount; i++) {
      const factor = curvature * (values[at + i] ?? 0);
      const to = i * size;
      for (let j = 0; j <= i; j++) hessian[to + j] = (hessian[to + j] ?? 0) + factor * (values[at + j] ?? 0);
      hessian[last + i] = (hessian[last + i] ?? 0) + factor;
    }
    hessian[last + columnCount] = (hessian[last + columnCount] ?? 0) + curvature;
  }
  for (let i = 0; i < size; i++)
    hessian[i * size + i] = (hessian[i * size + i] ?? 0) + (penalties[i] ?? 0) + leastCurvature;
  const factor = choleskyFactor(hessian, size);
  if (factor === null) throw new RangeError('The penalties are too small for these rows.');
  return factor;
}

function moved(point: Float64Array, step: Float64Array, scale: number): Float64Array<ArrayBuffer> {
  return Float64Array.from(point, (value, i) => value + scale * (step[i] ?? 0));
}
