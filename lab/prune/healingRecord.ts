import type { GgufValue } from '../../sidecar/gguf/ggufHeader.ts';

/** Where a model was healed: the block whose feed-forward output takes over what dropped blocks did. */
export interface HealedBlock {
  /** Counted in the whole model. */
  readonly block: number;
  /** The block of the whole model whose output this one's now comes near to; itself where none was dropped. */
  readonly target: number;
  /** Strength of the pull towards no change, as a share of the mean square of the block's output. */
  readonly lambda: number;
  /**
   * Share of what was missing that is still missed on the texts by which λ was chosen: without healing, and with a map that
   * was not fitted to them.
   */
  readonly errorBefore: number;
  readonly errorAfter: number;
}

/** How a model was healed, kept in its file. The same record and source give the same file, byte for byte. */
export interface HealingRecord {
  /** Hash of the text it was fitted to. */
  readonly textSha256: string;
  readonly tokens: number;
  /** Chose where documents are cut into fill-in-the-middle prompts. */
  readonly seed: number;
  readonly blocks: readonly HealedBlock[];
}

/** New contents of a tensor, in the shape it has. */
export interface TensorContents {
  readonly typeId: number;
  readonly bytes: Uint8Array;
}

export interface ModelHealing {
  readonly record: HealingRecord;
  /** By the tensor's name in the whole model. */
  readonly tensors: ReadonlyMap<string, TensorContents>;
}

/** The record as GGUF metadata, one list per property of its blocks. */
export function healingMetadata({
  textSha256,
  tokens,
  seed,
  blocks,
}: HealingRecord): readonly (readonly [string, GgufValue])[] {
  const numbers = (key: keyof HealedBlock): readonly number[] => blocks.map((block) => block[key]);
  return [
    ['entropane.heal.text_sha256', { type: 'string', bytes: new TextEncoder().encode(textSha256) }],
    ['entropane.heal.tokens', { type: 'uint32', value: tokens }],
    ['entropane.heal.seed', { type: 'uint32', value: seed }],
    ['entropane.heal.blocks', array('int32', Int32Array.from(numbers('block')))],
    ['entropane.heal.targets', array('int32', Int32Array.from(numbers('target')))],
    ['entropane.heal.lambdas', array('float64', Float64Array.from(numbers('lambda')))],
    ['entropane.heal.errors_before', array('float64', Float64Array.from(numbers('errorBefore')))],
    ['entropane.heal.errors_after', array('float64', Float64Array.from(numbers('errorAfter')))],
  ];
}

function array(elementType: 'int32' | 'float64', values: Int32Array | Float64Array): GgufValue {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return { type: 'array', elementType, count: values.length, bytes };
}
