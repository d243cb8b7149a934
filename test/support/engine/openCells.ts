import { join } from 'node:path';
import type { CacheType } from '../../../sidecar/engine/engine.ts';
import { CellState } from '../../../sidecar/engine/llama/cache/cellState.ts';
import { KvCache } from '../../../sidecar/engine/llama/cache/kvCache.ts';
import { openContext } from '../../../sidecar/engine/llama/loading/openContext.ts';
import type { Pointer } from '../../../sidecar/engine/llama/native/llamaStructs.ts';
import { DecodeBatch } from '../../../sidecar/engine/llama/native/decodeBatch.ts';
import { readLogits } from '../../../sidecar/engine/llama/native/nativeMemory.ts';
import {
  captureWarnings,
  type NativeRuntime,
  openNativeRuntime,
} from '../../../sidecar/engine/llama/native/nativeRuntime.ts';
import { installedModelPath } from './realEngine.ts';

/** A token of a decode call: whose it is, and at which of its positions. */
export type Placed = readonly [token: number, position: number, cellsId: number];

/** A context on the small model that a test fills by hand, on its own thread. */
export interface OpenCells extends Disposable {
  readonly cache: KvCache;
  readonly state: CellState;
  /** One decode call. Returns the logits behind each token named by its index in the call. */
  decode(tokens: readonly Placed[], rows: readonly number[]): readonly Float32Array[];
  /** Decodes tokens behind what a sequence holds, and returns the logits behind the last one. */
  extend(cellsId: number, tokens: readonly number[]): Float32Array;
}

interface Opened {
  readonly runtime: NativeRuntime;
  readonly weights: Pointer;
}

/** Loaded once for a test file, whose process frees them: a property opens a context for each of its runs. */
let loaded: Opened | null = null;

async function openSmallModel(): Promise<Opened> {
  if (loaded !== null) return loaded;
  const path = await installedModelPath('smollm2-135m');
  const runtime = openNativeRuntime(join(import.meta.dirname, '../../../dist'));
  const { library } = runtime;
  const weights = captureWarnings(library, () => library.loadModel(path, library.modelDefaultParams())).value;
  loaded = { runtime, weights };
  return loaded;
}

export async function openCells(options: {
  readonly contextTokens: number;
  readonly cacheType?: CacheType;
  readonly hostBytes?: number;
}): Promise<OpenCells> {
  const { contextTokens, cacheType = 'f16', hostBytes = 0 } = options;
  const { runtime, weights } = await openSmallModel();
  const { library, cLibrary } = runtime;
  const size = { contextTokens, batchTokens: 512, outputRows: 128, cacheType };
  const context = openContext(runtime, weights, size);
  library.setThreads(context, 2, 2);
  const cache = new KvCache(library, context, {
    contextTokens,
    hostBytes,
    files: null,
    hasQuantizedKeys: cacheType !== 'f16',
    now: () => 0,
  });
  const vocabularySize = library.vocabularySize(library.modelVocabulary(weights));
  const batch = new DecodeBatch(512);
  const decode = (tokens: readonly Placed[], rows: readonly number[]): readonly Float32Array[] => {
    batch.clear();
    const wanted = new Set(rows);
    for (const [i, [token, position, cellsId]] of tokens.entries()) {
      batch.add(token, position, cellsId, wanted.has(i));
    }
    const outcome = batch.decode(library, context);
    if (outcome !== 'done') throw new Error(`The test's decode call ended as ${outcome}.`);
    for (const [, , cellsId] of tokens) cache.extend(cellsId, 1);
    return rows.map((row) => {
      const logits = new Float32Array(new ArrayBuffer(vocabularySize * 4));
      if (!readLogits({ library, cLibrary, context }, row, logits)) throw new Error('There are no logits.');
      return logits;
    });
  };
  return {
    cache,
    state: new CellState(library, context),
    decode,
    extend: (cellsId, tokens) => {
      const from = cache.length(cellsId);
      const placed = tokens.map((token, i): Placed => [token, from + i, cellsId]);
      const [logits] = decode(placed, [tokens.length - 1]);
      if (logits === undefined) throw new Error('Nothing was decoded.');
      return logits;
    },
    [Symbol.dispose]: () => {
      library.freeContext(context);
    },
  };
}
