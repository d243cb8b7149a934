import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cancelled } from '../../sidecar/engine/cancelled.ts';
import { openContext } from '../../sidecar/engine/llama/loading/openContext.ts';
import { openWeights } from '../../sidecar/engine/llama/loading/openWeights.ts';
import { decodeFailed } from '../../sidecar/engine/llama/native/contextErrors.ts';
import { DecodeBatch } from '../../sidecar/engine/llama/native/decodeBatch.ts';
import type { Pointer } from '../../sidecar/engine/llama/native/llamaStructs.ts';
import { readLogits } from '../../sidecar/engine/llama/native/nativeMemory.ts';
import {
  captureWarnings,
  type NativeRuntime,
  openNativeRuntime,
} from '../../sidecar/engine/llama/native/nativeRuntime.ts';
import { Vocabulary } from '../../sidecar/engine/llama/native/vocabulary.ts';
import { LogitsKernel } from '../../sidecar/numeric/logitsKernel.ts';
import type { Clock } from '../../sidecar/process/clock.ts';

export interface TokenCostOptions {
  readonly modelPath: string;
  readonly threads: number;
  /** Folder of statistics.wasm. */
  readonly bundleFolder: string;
  /** Decoded in each run, greedily from one token. */
  readonly tokens: number;
  readonly runs: number;
  readonly clock: Pick<Clock, 'now'>;
}

/** Medians over a run's tokens. */
export interface TokenCost {
  /** The call of `llama_decode` until the logits are there. */
  readonly decodeMs: number;
  /** Copying the row of logits and the one pass over it that all statistics follow from. */
  readonly statisticsMs: number;
}

/** As many as the confidence of a token is made of (`protocol/traceEvent.ts`). */
const leadingTokens = 20;

/**
 * What statistics cost beside decoding, measured around both in a bare loop on real rows. Blocks the calling thread
 * for as long as `runs` × `tokens` take. Throws what opening a model throws, and `cancelled`.
 */
export function measureTokenCost(options: TokenCostOptions, signal: AbortSignal): readonly TokenCost[] {
  const runtime = openNativeRuntime(options.bundleFolder);
  const { library } = runtime;
  const { modelPath, tokens, threads, runs, bundleFolder, clock } = options;
  const model = openWeights(runtime, { path: modelPath, isCancelled: () => signal.aborted });
  try {
    const context = openContext(runtime, model, { contextTokens: tokens, batchTokens: 1, outputRows: 1 });
    try {
      library.setThreads(context, threads, threads);
      const kernel = new LogitsKernel(
        new Uint8Array(readFileSync(join(bundleFolder, 'statistics.wasm'))),
        new Vocabulary(library, library.modelVocabulary(model)).size,
      );
      const parts = { runtime, context, kernel, clock };
      decodeRun(parts, tokens, signal);
      return Array.from({ length: runs }, () => decodeRun(parts, tokens, signal));
    } finally {
      captureWarnings(library, () => {
        library.freeContext(context);
      });
    }
  } finally {
    captureWarnings(library, () => {
      library.freeModel(model);
    });
  }
}

interface RunDependencies {
  readonly runtime: NativeRuntime;
  readonly context: Pointer;
  readonly kernel: LogitsKernel;
  readonly clock: Pick<Clock, 'now'>;
}

function decodeRun(
  { runtime, context, kernel, clock }: RunDependencies,
  tokens: number,
  signal: AbortSignal,
): TokenCost {
  const { library, cLibrary } = runtime;
  const batch = new DecodeBatch(1);
  const decodeTimes: number[] = [];
  const statisticsTimes: number[] = [];
  library.clearMemory(library.memory(context));
  let token = 0;
  for (let position = 0; position < tokens; position++) {
    if (signal.aborted) throw cancelled();
    batch.clear();
    batch.add(token, position, 0, true);
    const startMs = clock.now();
    if (batch.decode(library, context) !== 'done') throw decodeFailed();
    library.synchronize(context);
    const decodedMs = clock.now();
    if (!readLogits({ library, cLibrary, context }, 0, kernel.row)) throw decodeFailed();
    const { leading } = kernel.analyse(leadingTokens);
    statisticsTimes.push(clock.now() - decodedMs);
    decodeTimes.push(decodedMs - startMs);
    token = leading.ids[0] ?? 0;
  }
  return { decodeMs: middle(decodeTimes), statisticsMs: middle(statisticsTimes) };
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
