export type KernelName = 'statistics' | 'transposedProduct';
/** Every kernel, by the name of its source and of its file among the bundles. */
export const kernelNames: readonly KernelName[];
/** Compiles a kernel to a WASM file. Throws with the compiler's messages. */
export function buildKernel(name: KernelName, outFile: string): Promise<void>;
