import { uniformAt } from '../../sidecar/numeric/random.ts';
import { symmetricEigen } from './symmetricEigen.ts';

export interface PrincipalComponents {
  /** Unit vectors, one a row, those of most variance first. */
  readonly components: Float64Array;
  /** Variance of the scores on each. */
  readonly variances: Float64Array;
}

/** Columns beside those asked for: they let the last ones converge. */
const spareColumns = 16;
const mostRounds = 300;
/** Growth of the variance that a round may still bring, as a share of it. */
const tolerance = 1e-9;
/** Stream of the seed that the first columns are drawn from. */
const startStream = 0;

/**
 * The `count` leading principal components of centred rows, by subspace iteration on their covariance with a Rayleigh-Ritz
 * step at the end. Fewer where the rows have fewer columns. The same rows give the same components. Costs
 * rows · columns² multiplications once, and columns² · count a round.
 */
export function principalComponents(rows: readonly ArrayLike<number>[], count: number): PrincipalComponents {
  const size = rows[0]?.length ?? 0;
  const covariance = covarianceOf(rows, size);
  const width = Math.min(size, count + spareColumns);
  let basis = orthonormal(
    Float64Array.from({ length: width * size }, (_, i) => uniformAt(1, startStream, i) - 0.5),
    width,
    size,
  );
  let explained = 0;
  for (let round = 0; round < mostRounds; round++) {
    const product = timesSymmetric(basis, covariance, { width, size });
    const next = dotOfRows(basis, product, width, size).reduce((sum, value) => sum + value, 0);
    basis = orthonormal(product, width, size);
    if (Math.abs(next - explained) <= tolerance * Math.abs(next)) break;
    explained = next;
  }
  const product = timesSymmetric(basis, covariance, { width, size });
  const projected = new Float64Array(width * width);
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < width; j++) projected[i * width + j] = dot(basis, i * size, product, j * size, size);
  }
  const { values, vectors } = symmetricEigen(projected, width);
  const kept = Math.min(count, width);
  const components = new Float64Array(kept * size);
  for (let row = 0; row < kept; row++) {
    for (let k = 0; k < width; k++) {
      const factor = vectors[row * width + k] ?? 0;
      for (let j = 0; j < size; j++) {
        components[row * size + j] = (components[row * size + j] ?? 0) + factor * (basis[k * size + j] ?? 0);
      }
    }
  }
  return { components, variances: values.slice(0, kept).map((value) => Math.max(0, value)) };
}

function covarianceOf(rows: readonly ArrayLike<number>[], size: number): Float64Array {
  const covariance = new Float64Array(size * size);
  for (const row of rows) {
    for (let i = 0; i < size; i++) {
      const factor = (row[i] ?? 0) / rows.length;
      if (factor === 0) continue;
      const at = i * size;
      for (let j = 0; j <= i; j++) covariance[at + j] = (covariance[at + j] ?? 0) + factor * (row[j] ?? 0);
    }
  }
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) covariance[j * size + i] = covariance[i * size + j] ?? 0;
  }
  return covariance;
}

/** Rows times a symmetric matrix. */
function timesSymmetric(
  rows: Float64Array,
  matrix: Float64Array,
  { width, size }: { readonly width: number; readonly size: number },
): Float64Array {
  const product = new Float64Array(width * size);
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < size; j++) product[i * size + j] = dot(rows, i * size, matrix, j * size, size);
  }
  return product;
}

/** Rows made orthonormal, one after another (modified Gram and Schmidt, twice against rounding). */
function orthonormal(rows: Float64Array, width: number, size: number): Float64Array {
  for (let i = 0; i < width; i++) {
    for (let pass = 0; pass < 2; pass++) {
      for (let k = 0; k < i; k++) {
        const share = dot(rows, i * size, rows, k * size, size);
        for (let j = 0; j < size; j++) {
          rows[i * size + j] = (rows[i * size + j] ?? 0) - share * (rows[k * size + j] ?? 0);
        }
      }
    }
    const length = Math.sqrt(dot(rows, i * size, rows, i * size, size));
    // A direction without variance is left at zero: nothing is read from it.
    const scale = length > 0 ? 1 / length : 0;
    for (let j = 0; j < size; j++) rows[i * size + j] = (rows[i * size + j] ?? 0) * scale;
  }
  return rows;
}

function dotOfRows(a: Float64Array, b: Float64Array, width: number, size: number): Float64Array {
  return Float64Array.from({ length: width }, (_, i) => dot(a, i * size, b, i * size, size));
}

function dot(a: Float64Array, from: number, b: Float64Array, other: number, count: number): number {
  let even = 0;
  let odd = 0;
  let k = 0;
  for (; k + 1 < count; k += 2) {
    even += (a[from + k] ?? 0) * (b[other + k] ?? 0);
    odd += (a[from + k + 1] ?? 0) * (b[other + k + 1] ?? 0);
  }
  if (k < count) even += (a[from + k] ?? 0) * (b[other + k] ?? 0);
  return even + odd;
}
