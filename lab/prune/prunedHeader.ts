import { CodedError } from '../../protocol/codedError.ts';
import { ggmlTypes } from '../../sidecar/gguf/ggmlTypes.ts';
import {
  architectureOf,
  blockCountOf,
  type GgufArray,
  ggufElementTypes,
  type GgufHeader,
  type GgufTensor,
  type GgufValue,
  metadataNumber,
  metadataText,
} from '../../sidecar/gguf/ggufHeader.ts';
import { tensorSizeBytes } from '../../sidecar/gguf/parseGgufHeader.ts';
import { prunedMetadataKeys } from '../../sidecar/layerSkip/prunedSource.ts';
import { type ModelHealing, healingMetadata } from './healingRecord.ts';
import type { PrunePlan } from './prunePlan.ts';

/** A tensor of the pruned file, and the one of the source whose bytes it takes over unless it has its own. */
export interface KeptTensor {
  readonly name: string;
  readonly typeId: number;
  readonly sizeBytes: number;
  readonly source: GgufTensor;
  readonly newBytes: Uint8Array | null;
}

export interface PrunedHeader {
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly KeptTensor[];
}

const blockTensorName = /^blk\.(\d+)\.(.+)$/;

/** Block parts that are not a dense transformer's: routed experts, state-space and recurrent mixers, other models. */
const foreignBlockPart =
  /_exps\b|_shexp\b|^ffn_gate_inp\b|^ssm_|^time_mix|^channel_mix|^shortconv|^nextn\b|^cross_attn|^altup|^laurel/;

/**
 * Hyperparameters by which llama.cpp tells blocks apart by their number, or that share state between blocks. With
 * blocks renumbered each would mean other blocks than before.
 */
const positionalKeys = [
  'attention.cross_attention_layers',
  'attention.shared_kv_layers',
  'attention.sliding_window',
  'expert_count',
  'full_attention_interval',
  'interleave_moe_layer_step',
  'leading_dense_block_count',
  'nextn_predict_layers',
  'ssm.inner_size',
] as const;

/** Architectures whose code in llama.cpp v0.5.0 asks for block numbers or counts without any key saying so. */
const positionalArchitectures: ReadonlySet<string> = new Set(['baichuan', 'eurobert', 'exaone4', 'smollm3']);

/**
 * Header of the model without the plan's blocks: the others renumbered, block count and every per-block list made
 * to fit; healed tensors with their new type and bytes. Pure. Throws `model.unsupported` for a model in which blocks are
 * not alike, `plan.invalid` for a plan made for another number of blocks.
 */
export function pruneHeader(header: GgufHeader, plan: PrunePlan, healing: ModelHealing | null): PrunedHeader {
  const architecture = requireDense(header);
  const blockCount = blockCountOf(header) ?? 0;
  if (blockCount !== plan.blockCount) {
    throw new CodedError(
      'plan.invalid',
      `The plan is for a model of ${plan.blockCount} blocks, and this one has ${blockCount}.`,
      'Make a plan for this model.',
    );
  }
  const dropped = new Set(plan.droppedBlocks);
  const kept = Array.from({ length: blockCount }, (_, block) => block).filter((block) => !dropped.has(block));
  const newNumbers = new Map(kept.map((block, index) => [block, index]));
  const tensors = header.tensors.flatMap((tensor): readonly KeptTensor[] => {
    const place = blockTensorName.exec(tensor.name);
    if (place === null) return [keep(tensor, tensor.name, healing)];
    const number = newNumbers.get(Number(place[1]));
    return number === undefined ? [] : [keep(tensor, `blk.${number}.${place[2] ?? ''}`, healing)];
  });
  const metadata = pruneMetadata(header, architecture, kept, plan);
  for (const [key, value] of healing === null ? [] : healingMetadata(healing.record))
    metadata.set(key, value);
  return { metadata, tensors };
}

function keep(source: GgufTensor, name: string, healing: ModelHealing | null): KeptTensor {
  const contents = healing?.tensors.get(source.name);
  if (contents === undefined) {
    return { name, typeId: source.typeId, sizeBytes: source.sizeBytes, source, newBytes: null };
  }
  const { typeId, bytes } = contents;
  const type = ggmlTypes.get(typeId);
  if (type === undefined || tensorSizeBytes(source.shape, type) !== bytes.byteLength) {
    throw new Error(`${bytes.byteLength} bytes of type ${typeId} do not fill ${source.name}`);
  }
  return { name, typeId, sizeBytes: bytes.byteLength, source, newBytes: bytes };
}

function pruneMetadata(
  header: GgufHeader,
  architecture: string,
  kept: readonly number[],
  plan: PrunePlan,
): Map<string, GgufValue> {
  const metadata = new Map<string, GgufValue>();
  for (const [key, value] of header.metadata) {
    const isPerBlock =
      key.startsWith(`${architecture}.`) && value.type === 'array' && value.count === plan.blockCount;
    metadata.set(key, isPerBlock ? selectElements(value, kept) : value);
  }
  metadata.set(`${architecture}.block_count`, { type: 'uint32', value: kept.length });
  const name = metadataText(header, 'general.name') ?? architecture;
  metadata.set('general.name', text(`${name} without blocks ${plan.droppedBlocks.join(', ')}`));
  metadata.set(prunedMetadataKeys.sourceSha256, text(plan.sourceSha256));
  metadata.set(prunedMetadataKeys.choice, text(plan.choice.type));
  metadata.set(prunedMetadataKeys.droppedBlocks, {
    type: 'array',
    elementType: 'int32',
    count: plan.droppedBlocks.length,
    bytes: new Uint8Array(Int32Array.from(plan.droppedBlocks).buffer),
  });
  return metadata;
}

/** The array with only the elements at `indices`. */
function selectElements(array: GgufArray, indices: readonly number[]): GgufArray {
  const width = ggufElementTypes.find((element) => element.type === array.elementType)?.bytes ?? null;
  const parts = width === null ? splitStrings(array) : splitEvenly(array, width);
  const selected = indices.flatMap((index) => parts[index] ?? []);
  return { ...array, count: selected.length, bytes: new Uint8Array(Buffer.concat(selected)) };
}

function splitEvenly(array: GgufArray, width: number): readonly Uint8Array[] {
  return Array.from({ length: array.count }, (_, index) =>
    array.bytes.subarray(index * width, (index + 1) * width),
  );
}

/** Encoded strings with their length prefixes. */
function splitStrings(array: GgufArray): readonly Uint8Array[] {
  const view = new DataView(array.bytes.buffer, array.bytes.byteOffset, array.bytes.byteLength);
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (let index = 0; index < array.count; index++) {
    const end = offset + 8 + Number(view.getBigUint64(offset, true));
    parts.push(array.bytes.subarray(offset, end));
    offset = end;
  }
  return parts;
}

/** The architecture, once it is certain that any block can be taken out of it. Throws `model.unsupported`. */
function requireDense(header: GgufHeader): string {
  const architecture = architectureOf(header);
  const blockCount = blockCountOf(header);
  if (architecture === null || blockCount === null) throw unsupported('it names no transformer blocks');
  if (positionalArchitectures.has(architecture)) {
    throw unsupported(`blocks of a ${architecture} model differ by their number`);
  }
  for (const name of positionalKeys) {
    const key = `${architecture}.${name}`;
    const value = header.metadata.get(key);
    if (value !== undefined && (value.type === 'array' || metadataNumber(header, key) !== 0)) {
      throw unsupported(`its blocks are not all alike (${key})`);
    }
  }
  if ((metadataNumber(header, 'split.count') ?? 1) > 1) throw unsupported('it is split over several files');
  const seen = new Set<number>();
  for (const { name } of header.tensors) {
    const place = blockTensorName.exec(name);
    if (place === null && name.includes('blk.'))
      throw unsupported(`it has encoder or decoder blocks (${name})`);
    if (place === null) continue;
    if (foreignBlockPart.test(place[2] ?? '')) throw unsupported(`it is not a dense transformer (${name})`);
    seen.add(Number(place[1]));
  }
  const isComplete = seen.size === blockCount && Math.max(...seen) === blockCount - 1;
  if (!isComplete) throw unsupported(`it claims ${blockCount} blocks and holds tensors of ${seen.size}`);
  return architecture;
}

function unsupported(why: string): CodedError {
  return new CodedError(
    'model.unsupported',
    `Blocks of this model cannot be dropped: ${why}.`,
    'Use a dense model such as Qwen2.5-Coder, Llama or SmolLM2.',
  );
}

const text = (value: string): GgufValue => ({ type: 'string', bytes: new TextEncoder().encode(value) });
