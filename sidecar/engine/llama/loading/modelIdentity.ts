import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ModelIdentity } from '../../../../protocol/traceEvent.ts';
import type { GgufHeader } from '../../../gguf/ggufHeader.ts';

const pieceBytes = 1 << 20;

/**
 * Names a model file by its name and a SHA-256 of its size, of everything before its weights (at least its first
 * mebibyte) and of its last mebibyte: quick for a file of any size, and different for any two models that are not made to
 * collide. Pruned copies of equal size may first differ after a vocabulary of several mebibytes.
 */
export async function identifyModel(
  path: string,
  { dataOffset }: Pick<GgufHeader, 'dataOffset'>,
): Promise<ModelIdentity> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const hash = createHash('sha256').update(`${size}\n`);
    const pieces = [
      { start: 0, length: Math.max(pieceBytes, dataOffset) },
      { start: Math.max(0, size - pieceBytes), length: pieceBytes },
    ];
    for (const { start, length } of pieces) {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, start);
      hash.update(buffer.subarray(0, bytesRead));
    }
    return { name: basename(path), hash: hash.digest('hex'), hashKind: 'headAndSize' };
  } finally {
    await handle.close();
  }
}
