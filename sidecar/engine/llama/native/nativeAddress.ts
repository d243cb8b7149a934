import koffi from 'koffi';

/** Address of the first byte of an array whose buffer never moves: explicit `ArrayBuffer`s and WASM memories. */
export function addressOf(bytes: ArrayBufferView): bigint {
  return koffi.address(bytes);
}
