import type { Engine, LoadOptions, Model } from '../../sidecar/engine/engine.ts';
import type { LlamaTool, LlamaToolPaths } from '../baselines/llamaCppTools.ts';
import type { Figure } from '../figure.ts';

export interface SuiteContext {
  readonly engine: Engine;
  readonly modelPath: string;
  readonly threads: number;
  /** Pairs per figure. */
  readonly rounds: number;
  readonly tools: LlamaToolPaths;
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

/** Cells of the context that benches load, unless they say otherwise. */
export const benchContextTokens = 4096;

/**
 * Loads the context's model, hands it to `use`, and disposes it whatever happens. Sixteen sequences and
 * `benchContextTokens` unless `options` says otherwise.
 */
export async function withModel<T>(
  { engine, modelPath, threads, signal }: SuiteContext,
  options: Partial<LoadOptions>,
  use: (model: Model) => Promise<T>,
): Promise<T> {
  const model = await engine.load(
    modelPath,
    {
      contextTokens: benchContextTokens,
      maxSequences: 16,
      threads,
      speculation: 'off',
      ...options,
    },
    signal,
  );
  try {
    return await use(model);
  } finally {
    await model.dispose();
  }
}

/** What a report says where a program to compare with is not at hand. */
export function notCompared(tool: LlamaTool): string {
  return `${tool} is not at hand, so nothing was compared with it: build it with --build-tools.`;
}
