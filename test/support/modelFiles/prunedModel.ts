import path from 'node:path';
import { type BlockSelection, planPruning } from '../../../lab/prune/prunePlan.ts';
import { writePrunedModel } from '../../../lab/prune/prunedModelWriter.ts';
import { checkModelFile } from '../../../sidecar/gguf/checkModelFile.ts';
import { blockCountOf } from '../../../sidecar/gguf/ggufHeader.ts';
import { unhurried } from '../engine/generating.ts';

/** Writes a model without some of its blocks into `folder` and returns its path. `sha256` goes in as the source's. */
export async function writePruned(
  source: string,
  {
    folder,
    selection,
    sha256,
  }: { readonly folder: string; readonly selection: BlockSelection; readonly sha256: string },
): Promise<string> {
  const blockCount = blockCountOf(await checkModelFile(source)) ?? 0;
  const plan = planPruning({ sha256, blockCount }, selection);
  const output = path.join(folder, `${path.basename(source, '.gguf')}-${plan.droppedBlocks.join('-')}.gguf`);
  await writePrunedModel(source, output, plan, { onProgress: () => undefined }, unhurried);
  return output;
}
