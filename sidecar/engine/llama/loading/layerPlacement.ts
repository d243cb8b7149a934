import type { GgufHeader } from '../../../gguf/ggufHeader.ts';
import { measuresOf } from '../../../gguf/modelMeasures.ts';
import type { DeviceRoom } from '../native/deviceRoom.ts';

/** Where the parts of a model are computed. */
export interface LayerPlacement {
  /** Layers on the device, as llama.cpp counts them: the last blocks, and the output layer as one more. */
  readonly deviceLayers: number;
  readonly layers: number;
  /** Blocks on the device whose experts stay in host memory. */
  readonly hostExpertBlocks: readonly number[];
  /** Weights and KV cache on the device. */
  readonly deviceBytes: number;
}

/** Left free on each device: for buffers of the graphics system and of other programs, and for fragments. */
const reserveBytes = 512 * 2 ** 20;

/** Experts' tensors as llama.cpp names them; shared experts, which every token uses, are not among them. */
const expertName = /^blk\.(\d+)\.ffn_(?:up|down|gate|gate_up)_(?:ch)?exps\./;
const blockName = /^blk\.(\d+)\./;

/**
 * What of a model goes to the device. All of it where it fits. Else, in a mixture of experts, the experts of as few
 * blocks as need be stay in host memory, from the last block on: a token uses only a few experts of each block, but all
 * of everything else, which is thus worth most on the device (HybriMoE 2504.05897). Where even that is too much, the
 * last blocks and the output layer go to the device, as many as fit. Pure.
 */
export function placeLayers(
  header: GgufHeader,
  need: { readonly cacheBytes: number; readonly workingBytes: number },
  device: DeviceRoom | null,
): LayerPlacement {
  const parts = measureParts(header);
  const blocks = parts.blocks.length;
  const layers = blocks + 1;
  const none: LayerPlacement = { deviceLayers: 0, layers, hostExpertBlocks: [], deviceBytes: 0 };
  if (device === null) return none;
  const room = usableBytes(device) - need.workingBytes;
  const dense = parts.blocks.map((block) => block.denseBytes + need.cacheBytes * block.cacheShare);
  const experts = parts.blocks.map((block) => block.expertBytes);

  let deviceBytes = parts.outputBytes + sum(dense) + sum(experts);
  const hostExpertBlocks: number[] = [];
  for (let block = blocks - 1; block >= 0 && deviceBytes > room; block--) {
    const expertBytes = experts[block] ?? 0;
    if (expertBytes === 0) continue;
    deviceBytes -= expertBytes;
    hostExpertBlocks.unshift(block);
  }
  if (deviceBytes <= room) return { deviceLayers: layers, layers, hostExpertBlocks, deviceBytes };

  // Experts are in host memory by now, where there are any.
  let bytes = parts.outputBytes;
  if (bytes > room) return none;
  let first = blocks;
  while (first > 0 && bytes + (dense[first - 1] ?? 0) <= room) {
    first -= 1;
    bytes += dense[first] ?? 0;
  }
  return {
    deviceLayers: layers - first,
    layers,
    hostExpertBlocks: hostExpertBlocks.filter((block) => block >= first),
    deviceBytes: bytes,
  };
}

/** Bytes that a model may take of the devices. */
export function usableBytes({ freeBytes, count }: DeviceRoom): number {
  return Math.max(0, freeBytes - count * reserveBytes);
}

/** The pattern of the tensors that a placement keeps in host memory, as `tensor_buft_overrides` takes it; null for none. */
export function hostExpertPattern({ hostExpertBlocks }: LayerPlacement): string | null {
  if (hostExpertBlocks.length === 0) return null;
  return `^blk\\.(${hostExpertBlocks.join('|')})\\.ffn_(up|down|gate|gate_up)_(ch)?exps\\.`;
}

/** Where a model runs, for people: the device, and what of the model is not on it. The processor alone has it all. */
export function describePlacement(
  { backend, hasGpu }: { readonly backend: string; readonly hasGpu: boolean },
  placement: LayerPlacement,
): string {
  const { deviceLayers, layers, hostExpertBlocks } = placement;
  if (!hasGpu) return backend;
  if (deviceLayers === layers && hostExpertBlocks.length === 0) return backend;
  const experts =
    hostExpertBlocks.length === 0 ? '' : `, experts of ${hostExpertBlocks.length} blocks in host memory`;
  return `${backend}, ${deviceLayers} of ${layers} layers${experts}`;
}

interface BlockBytes {
  /** Share of the KV cache. */
  readonly cacheShare: number;
  denseBytes: number;
  expertBytes: number;
}

/** Bytes of weights by block. Token embeddings are left out: llama.cpp keeps them in host memory. */
function measureParts(header: GgufHeader): {
  readonly blocks: readonly BlockBytes[];
  readonly outputBytes: number;
} {
  const { keyHeads } = measuresOf(header);
  const heads = sum(keyHeads);
  const blocks = keyHeads.map((count): BlockBytes => {
    return { cacheShare: heads === 0 ? 0 : count / heads, denseBytes: 0, expertBytes: 0 };
  });
  let outputBytes = 0;
  let embeddingBytes = 0;
  let hasOutput = false;
  for (const { name, sizeBytes } of header.tensors) {
    const block = blocks[Number(blockName.exec(name)?.[1] ?? -1)];
    if (block !== undefined && expertName.test(name)) block.expertBytes += sizeBytes;
    else if (block !== undefined) block.denseBytes += sizeBytes;
    else if (name === 'token_embd.weight') embeddingBytes = sizeBytes;
    else outputBytes += sizeBytes;
    hasOutput ||= name === 'output.weight';
  }
  // Where there is no output matrix, a copy of the embeddings is one.
  return { blocks, outputBytes: outputBytes + (hasOutput ? 0 : embeddingBytes) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
