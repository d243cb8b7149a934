import { CodedError } from '../../protocol/codedError.ts';
import { choleskyFactor, choleskySolve } from '../numeric/cholesky.ts';

/**
 * What a linear map between rows is fitted from: for rows m of M, each with the weight w and a target row r of R, the
 * sums MᵀWM and MᵀWR (row-major, size × size) and Σ w·‖r‖².
 */
export interface MapSums {
  readonly size: number;
  readonly gram: Float64Array;
  readonly cross: Float64Array;
  readonly targetPower: number;
}

/** A fitted map: for a row m, the product m·T comes near to its target. */
export interface LinearMap {
  readonly size: number;
  /** T, row-major. */
  readonly values: Float64Array;
  /** λ as a share of the mean of the diagonal of MᵀWM. */
  readonly lambda: number;
  /**
   * Σ w·‖m·T − r‖² over Σ w·‖r‖² on the rows by which λ was chosen, with the map that the other rows alone give: 0 is
   * perfect.
   */
  readonly judgedError: number;
  /** The same with the identity in the place of T. */
  readonly identityError: number;
}

/** Values of λ that are tried. Below, the solution no longer changes; above, it nears the identity. */
const lambdaChoices: readonly number[] = [1e-4, 1e-3, 1e-2, 1e-1];

/**
 * T that minimises Σ w·‖m·T − r‖² + λ‖T − I‖² (ReplaceMe, arXiv 2505.02819): (G + λI)·T = C + λI, in double precision.
 * λ is `lambda` times the mean diagonal of G. Null where G + λI is not positive definite: too few different rows for
 * so small a λ.
 */
export function solveMap({ size, gram, cross }: MapSums, lambda: number): Float64Array | null {
  let trace = 0;
  for (let i = 0; i < size; i++) trace += gram[i * size + i] ?? 0;
  const shift = (lambda * trace) / size;
  const left = gram.slice();
  const right = cross.slice();
  for (let i = 0; i < size; i++) {
    left[i * size + i] = (left[i * size + i] ?? 0) + shift;
    right[i * size + i] = (right[i * size + i] ?? 0) + shift;
  }
  const factor = choleskyFactor(left, size);
  return factor === null ? null : choleskySolve(factor, size, right, size);
}

/**
 * Share of the weighted target that the map misses on the rows of `sums`: tr(TᵀGT) − 2·tr(TᵀC) + Σ w‖r‖², over the
 * last. Pure; size³ multiplications.
 */
export function mapError({ size, gram, cross, targetPower }: MapSums, map: Float64Array): number {
  let quadratic = 0;
  let linear = 0;
  const product = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const row = i * size;
    product.fill(0);
    let k = 0;
    // Four rows a pass: the product is read and written a quarter as often.
    for (; k + 3 < size; k += 4) {
      const [g0, g1] = [gram[row + k] ?? 0, gram[row + k + 1] ?? 0];
      const [g2, g3] = [gram[row + k + 2] ?? 0, gram[row + k + 3] ?? 0];
      const from = k * size;
      for (let j = 0; j < size; j++) {
        product[j] =
          (product[j] ?? 0) +
          g0 * (map[from + j] ?? 0) +
          g1 * (map[from + size + j] ?? 0) +
          g2 * (map[from + 2 * size + j] ?? 0) +
          g3 * (map[from + 3 * size + j] ?? 0);
      }
    }
    for (; k < size; k++) {
      const factor = gram[row + k] ?? 0;
      const from = k * size;
      for (let j = 0; j < size; j++) product[j] = (product[j] ?? 0) + factor * (map[from + j] ?? 0);
    }
    for (let j = 0; j < size; j++) {
      const value = map[row + j] ?? 0;
      quadratic += value * (product[j] ?? 0);
      linear += value * (cross[row + j] ?? 0);
    }
  }
  return (quadratic - 2 * linear + targetPower) / targetPower;
}

/**
 * The map fitted to all rows, with the λ of `lambdas` by which the map fitted to `fitting` alone misses least of
 * `judging`. Throws `parameter.invalid` where the rows determine no map at any λ: none, all zero, or not all of them
 * numbers.
 */
export function fitLinearMap(
  fitting: MapSums,
  judging: MapSums,
  lambdas: readonly number[] = lambdaChoices,
): LinearMap {
  let best: Pick<LinearMap, 'lambda' | 'judgedError'> | null = null;
  for (const lambda of lambdas) {
    const values = solveMap(fitting, lambda);
    if (values === null) continue;
    const judgedError = mapError(judging, values);
    // Written so that an error of NaN is never the best.
    if (judgedError < (best?.judgedError ?? Infinity)) best = { lambda, judgedError };
  }
  const values = best === null ? null : solveMap(sumOf(fitting, judging), best.lambda);
  if (best === null || values === null) throw undetermined();
  const { size } = fitting;
  return { ...best, size, values, identityError: mapError(judging, identity(size)) };
}

/** The sums over the rows of both. */
function sumOf(one: MapSums, other: MapSums): MapSums {
  const plus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value + (b[i] ?? 0));
  return {
    size: one.size,
    gram: plus(one.gram, other.gram),
    cross: plus(one.cross, other.cross),
    targetPower: one.targetPower + other.targetPower,
  };
}

function identity(size: number): Float64Array {
  const values = new Float64Array(size * size);
  for (let i = 0; i < size; i++) values[i * size + i] = 1;
  return values;
}

function undetermined(): CodedError {
  return new CodedError(
    'parameter.invalid',
    'The healing text determines no correction: it is too short or too uniform for this model.',
    'Give a longer text of the kind that the model is to be used for.',
  );
}
