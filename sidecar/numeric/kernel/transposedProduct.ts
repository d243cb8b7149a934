// AssemblyScript, built by build.mjs. Adds AᵀB to a matrix of sums, four by eight numbers at a time; no heap, no
// imports but the memory, whose layout the caller decides (sidecar/numeric/productSums.ts).

/** Rows of A (its columns before the transposition) that one tile takes. */
const TILE_ROWS: i32 = 4;
const TILE_COLUMNS: i32 = 8;

/**
 * C += AᵀB for row-major A (`depth` × `rows`) and B (`depth` × `columns`) in f32 and C (`rows` × `columns`) in f64.
 * Products are summed in f32 over `depth`, in order, and then added in f64, so that few hundred rows a call lose
 * nothing that matters. `rows` is a multiple of 4, `columns` of 8. `packedA` has room for A, `packedB` for
 * `depth` × 8: tiles are read from there in one stream each, which is what makes this fast.
 */
export function addTransposedProduct(
  a: usize,
  rows: i32,
  b: usize,
  columns: i32,
  depth: i32,
  c: usize,
  packedA: usize,
  packedB: usize,
): void {
  for (let i = 0; i < rows; i += TILE_ROWS) {
    let target = packedA + ((<usize>(i * depth)) << 2);
    let source = a + ((<usize>i) << 2);
    for (let k = 0; k < depth; k++) {
      v128.store(target, v128.load(source));
      target += 16;
      source += (<usize>rows) << 2;
    }
  }
  for (let j = 0; j < columns; j += TILE_COLUMNS) {
    let target = packedB;
    let source = b + ((<usize>j) << 2);
    for (let k = 0; k < depth; k++) {
      v128.store(target, v128.load(source));
      v128.store(target, v128.load(source, 16), 16);
      target += 32;
      source += (<usize>columns) << 2;
    }
    for (let i = 0; i < rows; i += TILE_ROWS) {
      addTile(
        packedA + ((<usize>(i * depth)) << 2),
        packedB,
        depth,
        c + ((<usize>(i * columns + j)) << 3),
        (<usize>columns) << 3,
      );
    }
  }
}

function addTile(a: usize, b: usize, depth: i32, c: usize, stride: usize): void {
  let s00 = f32x4.splat(0);
  let s01 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0);
  let s21 = f32x4.splat(0);
  let s30 = f32x4.splat(0);
  let s31 = f32x4.splat(0);
  const end = a + ((<usize>depth) << 4);
  while (a < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    s00 = f32x4.add(s00, f32x4.mul(x, b0));
    s01 = f32x4.add(s01, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 4);
    s10 = f32x4.add(s10, f32x4.mul(x, b0));
    s11 = f32x4.add(s11, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 8);
    s20 = f32x4.add(s20, f32x4.mul(x, b0));
    s21 = f32x4.add(s21, f32x4.mul(x, b1));
    x = v128.load32_splat(a, 12);
    s30 = f32x4.add(s30, f32x4.mul(x, b0));
    s31 = f32x4.add(s31, f32x4.mul(x, b1));
    a += 16;
    b += 32;
  }
  addRow(c, s00, s01);
  addRow(c + stride, s10, s11);
  addRow(c + 2 * stride, s20, s21);
  addRow(c + 3 * stride, s30, s31);
}

function addRow(c: usize, low: v128, high: v128): void {
  addPair(c, low);
  addPair(c + 16, i8x16.shuffle(low, low, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15));
  addPair(c + 32, high);
  addPair(c + 48, i8x16.shuffle(high, high, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15));
}

/** Adds the lower two of four f32 to two f64. */
function addPair(c: usize, values: v128): void {
  v128.store(c, f64x2.add(v128.load(c), f64x2.promote_low_f32x4(values)));
}
