import { metadataText, type GgufHeader } from '../gguf/ggufHeader.ts';

/** Metadata that this program adds to the files it prunes. */
export const prunedMetadataKeys = {
  sourceSha256: 'entropane.prune.source_sha256',
  droppedBlocks: 'entropane.prune.dropped_blocks',
  choice: 'entropane.prune.choice',
} as const;

/** SHA-256 of the model that a file was pruned from; null for a file that this program did not prune. */
export function prunedSourceOf(header: GgufHeader): string | null {
  return metadataText(header, prunedMetadataKeys.sourceSha256);
}
