/** Weights between their stored form and numbers. Types are the ids of `ggmlTypes`. */
export interface TensorCodec {
  /** The numbers stored in `bytes`. Throws `model.unsupported` for a type that cannot be decoded. */
  decode(typeId: number, bytes: Uint8Array): Float32Array;
  /**
   * Rows of `rowElements` numbers each in their stored form. Throws `model.unsupported` for a type that cannot be
   * encoded without measured importances, or whose blocks do not fill a row.
   */
  encode(typeId: number, values: Float32Array, rowElements: number): Uint8Array;
}
