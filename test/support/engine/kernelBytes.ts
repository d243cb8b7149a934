import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { buildKernel, type KernelName } from '../../../sidecar/numeric/kernel/build.mjs';
import { temporaryFolder } from '../machine/temporaryFolder.ts';

/** A kernel compiled from its source, so that tests of it need no build. */
export async function kernelBytes(name: KernelName): Promise<Uint8Array<ArrayBuffer>> {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, `${name}.wasm`);
  await buildKernel(name, file);
  return new Uint8Array(await readFile(file));
}
