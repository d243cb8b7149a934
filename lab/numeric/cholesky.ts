/** Numbers of right-hand sides solved at once: a panel of them stays in the processor's cache. */
const panelColumns = 64;

/** Below this share of the largest pivot one is rounding noise, and the matrix no longer positive definite. */
const leastPivotShare = 1e-13;

/**
 * The lower factor L of a symmetric positive definite matrix A = L·Lᵀ, row by row, zeros above the diagonal; null where
 * A is not positive definite in double precision. Only A's lower half is read. n³/3 multiplications, one thread.
 */
export function choleskyFactor(matrix: Float64Array, size: number): Float64Array | null {
  const factor = new Float64Array(size * size);
  let largest = 0;
  for (let i = 0; i < size; i++) largest = Math.max(largest, matrix[i * size + i] ?? 0);
  for (let i = 0; i < size; i++) {
    const rowI = i * size;
    for (let j = 0; j < i; j++) {
      const rowJ = j * size;
      const rest = (matrix[rowI + j] ?? 0) - dot(factor, rowI, rowJ, j);
      factor[rowI + j] = rest / (factor[rowJ + j] ?? NaN);
    }
    const pivot = (matrix[rowI + i] ?? 0) - dot(factor, rowI, rowI, i);
    // Written so that a pivot of NaN fails too.
    if (!(pivot > leastPivotShare * largest)) return null;
    factor[rowI + i] = Math.sqrt(pivot);
  }
  return factor;
}

/**
 * X with L·Lᵀ·X = B for a factor of `choleskyFactor` and a row-major B of `size` rows and `columns` columns.
 * 2·size²·columns multiplications, one thread.
 */
export function choleskySolve(
  factor: Float64Array,
  size: number,
  right: Float64Array,
  columns: number,
): Float64Array {
  const solution = new Float64Array(size * columns);
  const panel = new Float64Array(size * panelColumns);
  for (let start = 0; start < columns; start += panelColumns) {
    const width = Math.min(panelColumns, columns - start);
    panel.fill(0);
    for (let i = 0; i < size; i++) {
      const from = i * columns + start;
      panel.set(right.subarray(from, from + width), i * panelColumns);
    }
    for (let i = 0; i < size; i++) {
      subtractRows(panel, i, { factor, at: i * size, step: 1, first: 0, count: i });
      divideRow(panel, i, factor[i * size + i] ?? NaN);
    }
    for (let i = size - 1; i >= 0; i--) {
      const first = i + 1;
      subtractRows(panel, i, { factor, at: first * size + i, step: size, first, count: size - first });
      divideRow(panel, i, factor[i * size + i] ?? NaN);
    }
    for (let i = 0; i < size; i++) {
      const from = i * panelColumns;
      solution.set(panel.subarray(from, from + width), i * columns + start);
    }
  }
  return solution;
}

/** x with L·Lᵀ·x = b, for one right-hand side: `choleskySolve` would take as long as for a panel of them. */
export function choleskySolveVector(factor: Float64Array, size: number, right: Float64Array): Float64Array {
  const solution = right.slice();
  for (let i = 0; i < size; i++) {
    let rest = solution[i] ?? 0;
    for (let j = 0; j < i; j++) rest -= (factor[i * size + j] ?? 0) * (solution[j] ?? 0);
    solution[i] = rest / (factor[i * size + i] ?? NaN);
  }
  for (let i = size - 1; i >= 0; i--) {
    const value = (solution[i] ?? 0) / (factor[i * size + i] ?? NaN);
    solution[i] = value;
    for (let j = 0; j < i; j++) solution[j] = (solution[j] ?? 0) - (factor[i * size + j] ?? 0) * value;
  }
  return solution;
}

function dot(values: Float64Array, a: number, b: number, count: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (; k + 3 < count; k += 4) {
    s0 += (values[a + k] ?? 0) * (values[b + k] ?? 0);
    s1 += (values[a + k + 1] ?? 0) * (values[b + k + 1] ?? 0);
    s2 += (values[a + k + 2] ?? 0) * (values[b + k + 2] ?? 0);
    s3 += (values[a + k + 3] ?? 0) * (values[b + k + 3] ?? 0);
  }
  for (; k < count; k++) s0 += (values[a + k] ?? 0) * (values[b + k] ?? 0);
  return s0 + s1 + (s2 + s3);
}

interface RowFactors {
  readonly factor: Float64Array;
  /** Where the factor of row `first` is, and how far the next ones lie apart. */
  readonly at: number;
  readonly step: number;
  readonly first: number;
  readonly count: number;
}

/** Subtracts `count` rows from `first` on, each times its factor, from row `target` of the panel. */
function subtractRows(panel: Float64Array, target: number, rows: RowFactors): void {
  const { factor, at, step, first, count } = rows;
  const to = target * panelColumns;
  let k = 0;
  // Four rows a pass: the target is read and written a quarter as often.
  for (; k + 3 < count; k += 4) {
    const f0 = factor[at + k * step] ?? 0;
    const f1 = factor[at + (k + 1) * step] ?? 0;
    const f2 = factor[at + (k + 2) * step] ?? 0;
    const f3 = factor[at + (k + 3) * step] ?? 0;
    const from = (first + k) * panelColumns;
    for (let j = 0; j < panelColumns; j++) {
      panel[to + j] =
        (panel[to + j] ?? 0) -
        f0 * (panel[from + j] ?? 0) -
        f1 * (panel[from + panelColumns + j] ?? 0) -
        f2 * (panel[from + 2 * panelColumns + j] ?? 0) -
        f3 * (panel[from + 3 * panelColumns + j] ?? 0);
    }
  }
  for (; k < count; k++) {
    const f = factor[at + k * step] ?? 0;
    const from = (first + k) * panelColumns;
    for (let j = 0; j < panelColumns; j++) {
      panel[to + j] = (panel[to + j] ?? 0) - f * (panel[from + j] ?? 0);
    }
  }
}

function divideRow(panel: Float64Array, row: number, divisor: number): void {
  const start = row * panelColumns;
  for (let j = start; j < start + panelColumns; j++) panel[j] = (panel[j] ?? 0) / divisor;
}
