// AssemblyScript, built by build.mjs. Numbers over one row of logits, four lanes at a time; no heap, no imports
// but the memory, whose layout the caller decides (sidecar/numeric/logitsKernel.ts).

/** Logits per block: 4 KiB, read twice while in the first-level cache, so that memory is read once. */
const BLOCK: i32 = 1024;

// exp(x) for x in [-87, 0]: 2^n · p(r), the Cephes expf polynomial; relative error below 2e-7 in this range.
const LOG2E: f32 = 1.44269504088896341;
const LN2_HIGH: f32 = 0.693359375;
const LN2_LOW: f32 = -2.1219444e-4;
const C0: f32 = 1.98756915e-4;
const C1: f32 = 1.3981999507e-3;
const C2: f32 = 8.3334519073e-3;
const C3: f32 = 4.1665795894e-2;
const C4: f32 = 1.6666665459e-1;
const C5: f32 = 5.0000001201e-1;
/** Below this exp is zero for every purpose here, and the exponent bits would underflow. */
const LOWEST: f32 = -87.0;
/** A weight this small was clamped: the token is padding, or as unlikely as it. */
const NEVER: f32 = 1.7e-38;

function exp4(x: v128): v128 {
  x = f32x4.pmax(x, f32x4.splat(LOWEST));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(LOG2E)));
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(LN2_HIGH)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(LN2_LOW)));
  let p = f32x4.add(f32x4.mul(f32x4.splat(C0), r), f32x4.splat(C1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(C2));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(C3));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(C4));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(C5));
  p = f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), f32x4.add(r, f32x4.splat(1)));
  const bits = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(p, bits);
}

function sum4(x: v128): f64 {
  return (
    <f64>f32x4.extract_lane(x, 0) +
    <f64>f32x4.extract_lane(x, 1) +
    (<f64>f32x4.extract_lane(x, 2) + <f64>f32x4.extract_lane(x, 3))
  );
}

function max4(x: v128): f32 {
  return max(
    max(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1)),
    max(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3)),
  );
}

/** The vectorised exponential of `count` floats (a multiple of 4), for the test against the exact one. */
export function exponentials(input: usize, count: i32, output: usize): void {
  for (let i = 0; i < count; i += 4) {
    v128.store(output + ((<usize>i) << 2), exp4(v128.load(input + ((<usize>i) << 2))));
  }
}

/** Inserts into the descending list of `k` values; earlier ids stay before later ones of the same value. */
function insert(ids: usize, values: usize, k: i32, id: i32, value: f32): void {
  let at = k - 1;
  while (at > 0 && load<f32>(values + ((<usize>(at - 1)) << 2)) < value) {
    store<f32>(values + ((<usize>at) << 2), load<f32>(values + ((<usize>(at - 1)) << 2)));
    store<i32>(ids + ((<usize>at) << 2), load<i32>(ids + ((<usize>(at - 1)) << 2)));
    at--;
  }
  store<f32>(values + ((<usize>at) << 2), value);
  store<i32>(ids + ((<usize>at) << 2), id);
}

/**
 * One pass: the `k` largest logits (descending, `ids` and `values`) and, relative to the largest logit m, into
 * `sums` as f64: m, Σ exp(l−m), Σ exp(l−m)·(l−m), Σ exp(l−m)·(l−m)². Sums run in f32 within a block and in f64
 * over blocks; when a later block raises m, the earlier sums are rescaled.
 * `count` is rounded up to 16; the caller pads the row with the lowest float. One function of this length, because its
 * vectors stay in registers only within one.
 */
export function analyse(logits: usize, count: i32, k: i32, ids: usize, values: usize, sums: usize): void {
  for (let i = 0; i < k; i++) {
    store<f32>(values + ((<usize>i) << 2), -f32.MAX_VALUE);
    store<i32>(ids + ((<usize>i) << 2), -1);
  }
  const last = values + ((<usize>(k - 1)) << 2);
  let threshold: f32 = -f32.MAX_VALUE;
  let m: f32 = -f32.MAX_VALUE;
  let z: f64 = 0;
  let s1: f64 = 0;
  let s2: f64 = 0;

  for (let start = 0; start < count; start += BLOCK) {
    const end = min(start + BLOCK, count);
    let blockMax = f32x4.splat(-f32.MAX_VALUE);
    for (let i = start; i < end; i += 16) {
      const at = logits + ((<usize>i) << 2);
      const high = f32x4.pmax(
        f32x4.pmax(v128.load(at), v128.load(at, 16)),
        f32x4.pmax(v128.load(at, 32), v128.load(at, 48)),
      );
      blockMax = f32x4.pmax(blockMax, high);
      if (v128.any_true(f32x4.gt(high, f32x4.splat(threshold)))) {
        for (let j = i; j < i + 16; j++) {
          const value = load<f32>(logits + ((<usize>j) << 2));
          if (value > threshold) {
            insert(ids, values, k, j, value);
            threshold = load<f32>(last);
          }
        }
      }
    }

    const top = max4(blockMax);
    if (top > m) {
      const shift = max(<f64>m - <f64>top, <f64>LOWEST);
      // Math.exp would bring its tables into the memory, whose layout is the caller's. Single precision is enough:
      // the error of exp grows with the shift, and what it applies to shrinks with its exponential.
      const scale = <f64>f32x4.extract_lane(exp4(f32x4.splat(<f32>shift)), 0);
      s2 = scale * (s2 + 2 * shift * s1 + shift * shift * z);
      s1 = scale * (s1 + shift * z);
      z = scale * z;
      m = top;
    }

    const base = f32x4.splat(m);
    const lowest = f32x4.splat(LOWEST);
    let z0 = f32x4.splat(0);
    let z1 = f32x4.splat(0);
    let a0 = f32x4.splat(0);
    let a1 = f32x4.splat(0);
    let b0 = f32x4.splat(0);
    let b1 = f32x4.splat(0);
    for (let i = start; i < end; i += 8) {
      const at = logits + ((<usize>i) << 2);
      // Clamped first: exp of the padding is 1e-38 and its product with the distance stays finite.
      const d0 = f32x4.pmax(f32x4.sub(v128.load(at), base), lowest);
      const d1 = f32x4.pmax(f32x4.sub(v128.load(at, 16), base), lowest);
      const e0 = exp4(d0);
      const e1 = exp4(d1);
      const p0 = f32x4.mul(e0, d0);
      const p1 = f32x4.mul(e1, d1);
      z0 = f32x4.add(z0, e0);
      z1 = f32x4.add(z1, e1);
      a0 = f32x4.add(a0, p0);
      a1 = f32x4.add(a1, p1);
      b0 = f32x4.add(b0, f32x4.mul(p0, d0));
      b1 = f32x4.add(b1, f32x4.mul(p1, d1));
    }
    z += sum4(z0) + sum4(z1);
    s1 += sum4(a0) + sum4(a1);
    s2 += sum4(b0) + sum4(b1);
  }
  store<f64>(sums, <f64>m);
  store<f64>(sums, z, 8);
  store<f64>(sums, s1, 16);
  store<f64>(sums, s2, 24);
}

/** Ids and logits of every logit at or above `threshold`, in order of id. Returns how many. */
export function gather(logits: usize, count: i32, threshold: f32, ids: usize, values: usize): i32 {
  const limit = f32x4.splat(threshold);
  let found = 0;
  for (let i = 0; i < count; i += 16) {
    const at = logits + ((<usize>i) << 2);
    const high = f32x4.pmax(
      f32x4.pmax(v128.load(at), v128.load(at, 16)),
      f32x4.pmax(v128.load(at, 32), v128.load(at, 48)),
    );
    if (!v128.any_true(f32x4.ge(high, limit))) continue;
    for (let j = i; j < min(i + 16, count); j++) {
      const value = load<f32>(logits + ((<usize>j) << 2));
      if (value >= threshold) {
        store<f32>(values + ((<usize>found) << 2), value);
        store<i32>(ids + ((<usize>found) << 2), j);
        found++;
      }
    }
  }
  return found;
}

/**
 * Inverse-transform draw over the whole row at a temperature: the first id whose cumulative weight
 * Σ exp((l−m)·inverseTemperature) exceeds `uniform` of the total. `blockSums` is room for one f64 per block,
 * `weights` for the f32 of one block.
 */
export function drawAll(
  logits: usize,
  count: i32,
  m: f32,
  inverseTemperature: f32,
  uniform: f64,
  blockSums: usize,
  weights: usize,
): i32 {
  const blocks = (count + BLOCK - 1) / BLOCK;
  let total: f64 = 0;
  for (let block = 0; block < blocks; block++) {
    const sum = weigh(logits, block * BLOCK, min((block + 1) * BLOCK, count), m, inverseTemperature, weights);
    store<f64>(blockSums + ((<usize>block) << 3), sum);
    total += sum;
  }
  let rest = uniform * total;
  let block = 0;
  while (block < blocks - 1 && load<f64>(blockSums + ((<usize>block) << 3)) <= rest) {
    rest -= load<f64>(blockSums + ((<usize>block) << 3));
    block++;
  }
  const start = block * BLOCK;
  const end = min(start + BLOCK, count);
  weigh(logits, start, end, m, inverseTemperature, weights);
  // The walk adds in another order than the block sum, so it may end a hair short: then the last id that can be
  // drawn at all is the answer.
  let drawable = start;
  for (let i = start; i < end; i++) {
    const weight = load<f32>(weights + ((<usize>(i - start)) << 2));
    if (weight <= NEVER) continue;
    drawable = i;
    rest -= <f64>weight;
    if (rest < 0) break;
  }
  return drawable;
}

/** Stores the weights of ids [start, end) and returns their sum. */
function weigh(logits: usize, start: i32, end: i32, m: f32, inverseTemperature: f32, weights: usize): f64 {
  const base = f32x4.splat(m);
  const rate = f32x4.splat(inverseTemperature);
  let sum = f32x4.splat(0);
  for (let i = start; i < end; i += 4) {
    const weight = exp4(f32x4.mul(f32x4.sub(v128.load(logits + ((<usize>i) << 2)), base), rate));
    v128.store(weights + ((<usize>(i - start)) << 2), weight);
    sum = f32x4.add(sum, weight);
  }
  return sum4(sum);
}
