import asc from 'assemblyscript/asc';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Every kernel, by the name of its source here and of its file among the bundles. */
export const kernelNames = ['statistics', 'transposedProduct'];

/** Compiles one kernel beside this file to one WASM module with SIMD, which imports its memory. */
export async function buildKernel(name, outFile) {
  await mkdir(dirname(outFile), { recursive: true });
  const { error, stderr } = await asc.main([
    join(import.meta.dirname, `${name}.ts`),
    '--outFile',
    outFile,
    '--optimizeLevel',
    '3',
    '--shrinkLevel',
    '0',
    '--enable',
    'simd',
    '--runtime',
    'stub',
    '--importMemory',
    '--noAssert',
    '--use',
    'abort=',
  ]);
  if (error) throw new Error(`The ${name} kernel does not compile.\n${stderr.toString()}`, { cause: error });
}
