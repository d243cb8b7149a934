import type { Engine, LoadOptions, Model } from '../../sidecar/engine/engine.ts';
import type { Figure } from '../figure.ts';

export interface SuiteContext {
  readonly engine: Engine;
  readonly modelPath: string;
  readonly threads: number;
  /** Pairs per figure. */
  readonly rounds: number;
  /** Null when llama-bench is not at hand; suites that compare with it then say so. */
  readonly llamaBenchPath: string | null;
  readonly signal: AbortSignal;
}

export interface SuiteResult {
  readonly figures: readonly Figure[];
  readonly setup: Readonly<Record<string, string | number>>;
  readonly notes: readonly string[];
  readonly backend: string;
}

/** A group of figures that belong together and share a loaded model. */
export interface Suite {
  readonly name: string;
  readonly summary: string;
  run(context: SuiteContext): Promise<SuiteResult>;
}

/** The context's model, loaded for benches: 4,096 cells and 16 sequences unless `options` says otherwise. */
export async function loadForBench(
  { engine, modelPath, threads, signal }: SuiteContext,
  options: Partial<LoadOptions> = {},
): Promise<Model> {
  return engine.load(
    modelPath,
    { contextTokens: 4096, maxSequences: 16, threads, speculation: 'off', onProgress: null, ...options },
    signal,
  );
}
