import { CodedError } from '../../protocol/codedError.ts';
import type { GgufHeader, GgufTensor } from '../../sidecar/gguf/ggufHeader.ts';

/** What a block may not have for its feed-forward output to be a plain product with `ffn_down`. */
const foreignOutputPart = /^(post_ffw_norm|ffn_post_norm|layer_output_scale|ffn_down\.(?!weight$|bias$))/;

/** The tensors of a block that a healing map is folded into. */
export interface FoldedTensors {
  readonly weight: GgufTensor;
  readonly bias: GgufTensor | null;
}

/**
 * The block's `ffn_down`, and its bias where it has one. Throws `model.unsupported` where a map cannot be folded into
 * them, because something follows their product. Pure.
 */
export function foldedTensors(header: GgufHeader, block: number): FoldedTensors {
  const prefix = `blk.${block}.`;
  const own = header.tensors.filter(({ name }) => name.startsWith(prefix));
  const foreign = own.find(({ name }) => foreignOutputPart.test(name.slice(prefix.length)));
  const weight = own.find(({ name }) => name === `${prefix}ffn_down.weight`);
  if (weight === undefined || foreign !== undefined) throw notFoldable(block, foreign);
  return { weight, bias: own.find(({ name }) => name === `${prefix}ffn_down.bias`) ?? null };
}

function notFoldable(block: number, foreign: GgufTensor | undefined): CodedError {
  const why = foreign === undefined ? 'has no ffn_down' : `has ${foreign.name} after its ffn_down`;
  return new CodedError(
    'model.unsupported',
    `Block ${block} of this model ${why}, so it cannot be healed.`,
    'Prune it without --heal, or use a dense model such as Qwen2.5-Coder, Llama or SmolLM2.',
  );
}
