import { createHash } from 'node:crypto';
import type { GgufHeader, GgufValue } from '../gguf/ggufHeader.ts';

/**
 * SHA-256 of all that a file says of how it was pruned and healed: its source, blocks, texts and the result of healing.
 * Files of which it is the same compute the same. Pure.
 */
export function pruningSha256(header: GgufHeader): string {
  const hash = createHash('sha256');
  for (const [key, value] of [...header.metadata].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (!key.startsWith('entropane.')) continue;
    hash.update(JSON.stringify([key, value.type]));
    hash.update(contentOf(value));
  }
  return hash.digest('hex');
}

function contentOf(value: GgufValue): Uint8Array | string {
  return 'bytes' in value ? value.bytes : String(value.value);
}
