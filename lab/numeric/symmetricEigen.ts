/** Sweeps after which rotations are given up; a few are enough for a few hundred rows. */
const mostSweeps = 60;
/** Off-diagonal numbers below this share of the diagonal's length count as zero. */
const tolerance = 1e-14;

export interface EigenPairs {
  /** Largest first. */
  readonly values: Float64Array;
  /** Vectors of unit length, one a row, in the order of the values. */
  readonly vectors: Float64Array;
}

/** Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations. O(size³) a sweep: for a few hundred rows. */
export function symmetricEigen(matrix: Float64Array, size: number): EigenPairs {
  const a = matrix.slice();
  const v = new Float64Array(size * size);
  for (let i = 0; i < size; i++) v[i * size + i] = 1;
  for (let sweep = 0; sweep < mostSweeps && !isDiagonal(a, size); sweep++) {
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate({ a, v, size }, p, q);
  }
  const order = Array.from({ length: size }, (_, i) => i).sort(
    (i, j) => (a[j * size + j] ?? 0) - (a[i * size + i] ?? 0),
  );
  const vectors = new Float64Array(size * size);
  for (const [row, column] of order.entries()) {
    for (let i = 0; i < size; i++) vectors[row * size + i] = v[i * size + column] ?? 0;
  }
  return { values: Float64Array.from(order, (i) => a[i * size + i] ?? 0), vectors };
}

function isDiagonal(a: Float64Array, size: number): boolean {
  let off = 0;
  let diagonal = 0;
  for (let i = 0; i < size; i++) {
    diagonal += (a[i * size + i] ?? 0) ** 2;
    for (let j = i + 1; j < size; j++) off += (a[i * size + j] ?? 0) ** 2;
  }
  return off <= tolerance ** 2 * diagonal;
}

/** Makes one off-diagonal number zero, and takes the rotation into the eigenvectors. */
function rotate(
  { a, v, size }: { readonly a: Float64Array; readonly v: Float64Array; readonly size: number },
  p: number,
  q: number,
): void {
  const apq = a[p * size + q] ?? 0;
  if (apq === 0) return;
  const theta = ((a[q * size + q] ?? 0) - (a[p * size + p] ?? 0)) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let i = 0; i < size; i++) {
    mix(a, i * size + p, i * size + q, { c, s });
    mix(v, i * size + p, i * size + q, { c, s });
  }
  for (let j = 0; j < size; j++) mix(a, p * size + j, q * size + j, { c, s });
}

function mix(
  values: Float64Array,
  x: number,
  y: number,
  turn: { readonly c: number; readonly s: number },
): void {
  const before = values[x] ?? 0;
  const other = values[y] ?? 0;
  values[x] = turn.c * before - turn.s * other;
  values[y] = turn.s * before + turn.c * other;
}
