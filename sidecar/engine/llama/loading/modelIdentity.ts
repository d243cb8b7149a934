import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ModelIdentity } from '../../../../protocol/traceEvent.ts';

const headBytes = 1 << 20;

/**
 * Names a model file by its name and a SHA-256 of its size, its first and its last mebibyte: quick for a file of
 * any size, and different for any two models that are not made to collide.
 */
export async function identifyModel(path: string): Promise<ModelIdentity> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const hash = createHash('sha256').update(`${size}\n`);
    for (const start of [0, Math.max(0, size - headBytes)]) {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, start);
      hash.update(buffer.subarray(0, bytesRead));
    }
    return { name: basename(path), hash: hash.digest('hex'), hashKind: 'headAndSize' };
  } finally {
    await handle.close();
  }
}
