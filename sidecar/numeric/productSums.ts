/** What dist/transposedProduct.wasm exports, see kernel/transposedProduct.ts. Addresses are byte offsets. */
interface KernelExports {
  addTransposedProduct(
    left: number,
    rows: number,
    right: number,
    columns: number,
    depth: number,
    sums: number,
    packedLeft: number,
    packedRight: number,
  ): void;
}

export interface ProductShape {
  /** Numbers in a row of `left`, and rows of the sums. */
  readonly rows: number;
  /** Numbers in a row of `right`, and in a row of the sums. */
  readonly columns: number;
  /** Most rows of `left` and `right` that one `add` takes. A few hundred keep single precision exact enough. */
  readonly depth: number;
}

const pageBytes = 65_536;
const leftTile = 4;
const rightTile = 8;

/**
 * The sum of LᵀR over batches of rows, with f32 inputs and f64 sums: Gram matrices of more rows than memory holds,
 * and products of two matrices. Deterministic. Memory that never grows is taken once: 8 bytes per number of the sums,
 * 8 and 4 per number of a batch's left and right. Millions of multiplications a millisecond.
 */
export class ProductSums {
  readonly shape: ProductShape;
  readonly #memory: ArrayBuffer;
  readonly #exports: KernelExports;
  readonly #paddedRows: number;
  readonly #paddedColumns: number;
  readonly #layout: Layout;
  readonly #sums: Float64Array;

  constructor(wasm: Uint8Array<ArrayBuffer>, shape: ProductShape) {
    this.shape = shape;
    this.#paddedRows = roundUp(shape.rows, leftTile);
    this.#paddedColumns = roundUp(shape.columns, rightTile);
    this.#layout = layOut(this.#paddedRows, this.#paddedColumns, shape.depth);
    const pages = Math.ceil(this.#layout.end / pageBytes);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const instance = new WebAssembly.Instance(new WebAssembly.Module(wasm), { env: { memory } });
    // WebAssembly carries no signatures; `KernelExports` restates that of kernel/transposedProduct.ts.
    this.#exports = instance.exports as unknown as KernelExports;
    this.#memory = memory.buffer;
    this.#sums = new Float64Array(memory.buffer, this.#layout.sums, this.#paddedRows * this.#paddedColumns);
  }

  /** Row `index` (below the depth) of the next batch's left side: write all of it before `add`. */
  left(index: number): Float32Array {
    return this.#row(this.#layout.left, this.#paddedRows, this.shape.rows, index);
  }

  /** The same for the right side. */
  right(index: number): Float32Array {
    return this.#row(this.#layout.right, this.#paddedColumns, this.shape.columns, index);
  }

  /** Adds the product of the first `depth` rows of both sides, all of them unless said otherwise. */
  add(depth: number = this.shape.depth): void {
    const { left, right, sums, packedLeft, packedRight } = this.#layout;
    this.#exports.addTransposedProduct(
      left,
      this.#paddedRows,
      right,
      this.#paddedColumns,
      depth,
      sums,
      packedLeft,
      packedRight,
    );
  }

  /** Row `index` of the sums, a view. */
  sums(index: number): Float64Array {
    const start = index * this.#paddedColumns;
    return this.#sums.subarray(start, start + this.shape.columns);
  }

  /** Starts from nothing again. */
  clear(): void {
    this.#sums.fill(0);
  }

  #row(start: number, stride: number, length: number, index: number): Float32Array {
    if (index < 0 || index >= this.shape.depth) throw new RangeError(`row ${index} of ${this.shape.depth}`);
    return new Float32Array(this.#memory, start + index * stride * 4, length);
  }
}

interface Layout {
  readonly left: number;
  readonly right: number;
  readonly packedLeft: number;
  readonly packedRight: number;
  readonly sums: number;
  readonly end: number;
}

function layOut(rows: number, columns: number, depth: number): Layout {
  let next = 64;
  const take = (bytes: number): number => {
    const at = next;
    next += roundUp(bytes, 64);
    return at;
  };
  const left = take(rows * depth * 4);
  const right = take(columns * depth * 4);
  const packedLeft = take(rows * depth * 4);
  const packedRight = take(rightTile * depth * 4);
  const sums = take(rows * columns * 8);
  return { left, right, packedLeft, packedRight, sums, end: next };
}

const roundUp = (value: number, multiple: number): number => Math.ceil(value / multiple) * multiple;
