import { ProductSums } from '../../sidecar/numeric/productSums.ts';

/** Columns of the weights multiplied at once, and rows summed in single precision. */
const columnsAtOnce = 512;
const rowsAtOnce = 256;

/**
 * Weights W' with W'·x = Tᵀ·(W·x): a layer that gives the rows m·T in the place of its rows m. `weights` is row-major
 * with one row of `rowElements` for each of the map's `size` outputs, as GGUF stores a matrix. Sums in double precision.
 */
export function foldMap(
  wasm: Uint8Array<ArrayBuffer>,
  map: { readonly size: number; readonly values: Float64Array },
  weights: Float32Array,
  rowElements: number,
): Float32Array {
  const { size, values } = map;
  const folded = new Float32Array(weights.length);
  const products = new ProductSums(wasm, {
    rows: size,
    columns: Math.min(columnsAtOnce, rowElements),
    depth: Math.min(rowsAtOnce, size),
  });
  for (let start = 0; start < rowElements; start += columnsAtOnce) {
    const end = Math.min(rowElements, start + columnsAtOnce);
    products.clear();
    for (let first = 0; first < size; first += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, size - first);
      for (let k = 0; k < count; k++) {
        const row = first + k;
        products.left(k).set(values.subarray(row * size, (row + 1) * size));
        products.right(k).set(weights.subarray(row * rowElements + start, row * rowElements + end));
      }
      products.add(count);
    }
    for (let row = 0; row < size; row++) {
      folded.set(products.sums(row).subarray(0, end - start), row * rowElements + start);
    }
  }
  return folded;
}
