import type { GgufHeader } from '../../../gguf/ggufHeader.ts';
import type { CacheType } from '../../engine.ts';
import type { DeviceRoom } from '../native/deviceRoom.ts';
import { hostExpertPattern, type LayerPlacement, placeLayers, usableBytes } from './layerPlacement.ts';
import { type ContextFit, fitContext, type ModelSize } from './memoryFit.ts';
import {
  cacheElements,
  canQuantizeCache,
  type ExtraBuffers,
  isBetterMapped,
  type MemoryPrediction,
  predictMemory,
  trainingContextOf,
} from './memoryNeed.ts';
import type { WeightsPlan } from './openWeights.ts';

/** What is asked of a load. */
export interface LoadRequest {
  /** 0 lets the memory decide. */
  readonly contextTokens: number;
  readonly cacheType: CacheType | 'auto';
  readonly batchTokens: number;
  readonly outputRows: number;
  /**
   * What is loaded beside the model for its own use, such as models that draft for it: on the device where there is one,
   * else in host memory.
   */
  readonly besideBytes: number;
  /** Host memory that prefixes without cells may take. */
  readonly prefixBytes: number;
}

/** Where there is room for a model. */
export interface LoadRoom {
  /** Host memory that this model may take. */
  readonly hostBytes: number;
  /** Null where there is no device. */
  readonly device: DeviceRoom | null;
  readonly extraBuffers: ExtraBuffers;
  /** What is in memory already, in this engine and in others. */
  readonly loaded: readonly ModelSize[];
}

/** How a model is loaded. */
export interface LoadPlan extends ContextFit {
  readonly weights: WeightsPlan;
  readonly placement: LayerPlacement;
  readonly prediction: MemoryPrediction;
  /** Host memory of what is loaded beside it. */
  readonly hostBesideBytes: number;
  /**
   * Host memory for prefixes without cells: what was asked for, or what model and context leave of the room. Not part of the
   * prediction, for it fills in the course of hours.
   */
  readonly prefixBytes: number;
}

/**
 * Decides from the header how a model is loaded: size and type of its KV cache, what goes to a device, and whether the
 * file is mapped. Pure. Throws `memory.insufficient` with all sizes and `model.unsupported` as `fitContext`
 * does.
 */
export function planLoad(header: GgufHeader, request: LoadRequest, room: LoadRoom): LoadPlan {
  const least = predictMemory(
    header,
    { contextTokens: 0, cacheType: 'f16', batchTokens: request.batchTokens, outputRows: request.outputRows },
    room.extraBuffers,
  );
  const device = room.device === null ? null : lessBytes(room.device, request.besideBytes);
  const hostBesideBytes = device === null ? request.besideBytes : 0;
  const fit = fitContext({
    weightsBytes: least.modelBytes + hostBesideBytes,
    workingBytes: least.workingBytes,
    cacheElements: cacheElements(header),
    canQuantize: canQuantizeCache(header),
    trainingContextTokens: trainingContextOf(header),
    contextTokens: request.contextTokens,
    cacheType: request.cacheType,
    availableBytes: availableBytes({ hostBytes: room.hostBytes, device }, least),
    loaded: room.loaded,
  });
  const prediction = predictMemory(header, { ...request, ...fit }, room.extraBuffers);
  const placement = placeLayers(header, prediction, device);
  const weights = weightsPlan(header, placement, room);
  const hostBytes = prediction.totalBytes - placement.deviceBytes + hostBesideBytes;
  const prefixBytes = Math.max(0, Math.min(request.prefixBytes, room.hostBytes - hostBytes));
  return { ...fit, weights, placement, prediction, hostBesideBytes, prefixBytes };
}

function lessBytes(device: DeviceRoom, bytes: number): DeviceRoom {
  return { ...device, freeBytes: Math.max(0, device.freeBytes - bytes) };
}

/** Bytes available on the device alone where a model with a modest context fits there, which is much faster; else on both. */
function availableBytes(
  { hostBytes, device }: Pick<LoadRoom, 'hostBytes' | 'device'>,
  least: MemoryPrediction,
): number {
  if (device === null) return hostBytes;
  const deviceBytes = usableBytes(device);
  return deviceBytes >= least.totalBytes * modestFactor ? deviceBytes : hostBytes + deviceBytes;
}

/** Factor on weights and buffers that leaves room for a modest context. */
const modestFactor = 1.2;

function weightsPlan(header: GgufHeader, placement: LayerPlacement, room: LoadRoom): WeightsPlan {
  const hostPattern = hostExpertPattern(placement);
  const isOnDevice = placement.deviceLayers === placement.layers && hostPattern === null;
  return {
    // What is copied to a device is not kept mapped; llama.cpp advises against it for what stays in between.
    isMapped: hostPattern === null && (isOnDevice || isBetterMapped(header, room.extraBuffers)),
    deviceLayers: placement.deviceLayers,
    hostPattern,
  };
}
