/** Compiles the statistics kernel to a WASM file. Throws with the compiler's messages. */
export function buildKernel(outFile: string): Promise<void>;
