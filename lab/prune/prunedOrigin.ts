import { type GgufHeader, metadataText } from '../../sidecar/gguf/ggufHeader.ts';
import { prunedMetadataKeys } from '../../sidecar/layerSkip/prunedSource.ts';
import { pruningSha256 } from '../../sidecar/layerSkip/pruningRecord.ts';

/** What a file that this program pruned says of where it comes from. */
export interface PrunedOrigin {
  /** SHA-256 of the whole model's file. */
  readonly sourceSha256: string;
  readonly droppedBlocks: readonly number[];
  readonly isHealed: boolean;
  /** As `pruningSha256` has it. */
  readonly pruningSha256: string;
}

/** Null for a file that is not the work of `entropane prune`. */
export function prunedOrigin(header: GgufHeader): PrunedOrigin | null {
  const sourceSha256 = metadataText(header, prunedMetadataKeys.sourceSha256);
  const dropped = header.metadata.get(prunedMetadataKeys.droppedBlocks);
  if (sourceSha256 === null || dropped?.type !== 'array' || dropped.elementType !== 'int32') return null;
  const view = new DataView(dropped.bytes.buffer, dropped.bytes.byteOffset, dropped.bytes.byteLength);
  return {
    sourceSha256,
    droppedBlocks: Array.from({ length: dropped.count }, (_, index) => view.getInt32(index * 4, true)),
    pruningSha256: pruningSha256(header),
    isHealed: header.metadata.has('entropane.heal.tokens'),
  };
}
