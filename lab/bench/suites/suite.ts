import { fileSource } from '../../../sidecar/engine/engineSource.ts';
import type { ModelIdentity } from '../../../protocol/traceEvent.ts';
import type { DraftRequest, Engine, LoadOptions, Model } from '../../../sidecar/engine/engine.ts';
import type { FileTrials } from '../../../sidecar/engine/llama/trial/fileTrials.ts';
import { median } from '../../../sidecar/numeric/mean.ts';
import { present } from '../../../sidecar/validation/fieldReader.ts';
import { defaultSettings } from '../../../sidecar/validation/sidecarSettings.ts';
import type { LlamaTool, LlamaToolPaths } from '../baselines/llamaCppTools.ts';
import type { EditOptions } from '../edits/editFlags.ts';
import { type Figure, measurePairs, type PairedFigure, type PairMeasure } from '../figure.ts';
import type { InfillOptions } from '../infill/infillFlags.ts';
import type { ReasoningSuiteOptions } from '../reasoning/reasoningFlags.ts';

export interface SuiteContext {
  readonly engine: Engine;
  readonly modelPath: string;
  /** The model by its catalogue name and full hash, where that is known. */
  readonly identity: ModelIdentity | undefined;
  readonly threads: number;
  /** Pairs per figure. */
  readonly rounds: number;
  readonly tools: LlamaToolPaths;
  /** Folder of the test sets that some figures are measured on; null where none was given. */
  readonly dataFolder: string | null;
  /** Prompts taken of each category of a test set. */
  readonly promptsPerCategory: number;
  /** What the reasoning suite is to answer, and how. */
  readonly reasoning: ReasoningSuiteOptions;
  /** Which rows the infill suite completes, and how. */
  readonly infill: InfillOptions;
  /** Which cases the edits suite has the model edit. */
  readonly edits: EditOptions;
  /** Where the server suite keeps what an interrupted run has measured. */
  readonly servingFolder: string;
  /** Path of a model that answers questions beside the one under test; null where none was named. */
  readonly questionModel: string | null;
  /** Models that may draft for the one under test. */
  readonly drafts: readonly DraftRequest[];
  /** Whether this part of the suite was asked for; all are unless some were named, but those that run by name alone. */
  readonly includes: (part: string) => boolean;
  /** Says how far the suite has come. */
  readonly note: (line: string) => void;
  /** Folder of the product's bundles. */
  readonly bundleFolder: string;
  /** For what is loaded beside the engine. */
  readonly trials: FileTrials;
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
  /** What can be measured alone with `--only`. */
  readonly parts: readonly string[];
  /** Those of them that are measured only where `--only` names them. */
  readonly partsByName?: readonly string[];
  /** Pairs per figure unless a run says otherwise. */
  readonly rounds: number;
  /** About what a round takes on two cores with a model of half a billion weights, so that nobody waits blindly. */
  readonly minutesPerRound: number;
  /** Whether it has nothing to measure without a folder of test sets. */
  readonly needsData?: boolean;
  /** Reads what it needs of the test sets, before anything is measured or announced. Throws as `run` would. */
  checkFiles?(context: Pick<SuiteContext, 'dataFolder' | 'reasoning' | 'includes'>): Promise<void>;
  /** Whether it measures beside llama.cpp's own programs. */
  readonly usesTools?: boolean;
  run(context: SuiteContext): Promise<SuiteResult>;
}

/** Cells of the context that benches load, unless they say otherwise. */
export const benchContextTokens = 4096;

/**
 * Loads the context's model, hands it to `use`, and disposes it whatever happens. Sixteen sequences,
 * `benchContextTokens` and the host memory that users have by default, unless `options` says otherwise.
 */
export async function withModel<T>(
  { engine, modelPath, identity, threads, signal }: SuiteContext,
  options: Partial<LoadOptions>,
  use: (model: Model) => Promise<T>,
): Promise<T> {
  const model = await engine.open(
    fileSource(modelPath),
    {
      contextTokens: benchContextTokens,
      maxSequences: 16,
      threads,
      speculation: 'off',
      prefixBytes: defaultSettings.prefixBytesLimit,
      ...present({ identity }),
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

/** Measures a figure's pairs, `rounds` of them, and says so on the way. */
export async function measureFigure(
  { rounds, note }: Pick<SuiteContext, 'rounds' | 'note'>,
  figure: Omit<PairedFigure, 'type' | 'pairs'>,
  measure: PairMeasure,
): Promise<PairedFigure> {
  const ratios: number[] = [];
  const pairs = await measurePairs(rounds, measure, ({ subject, baseline }) => {
    ratios.push(subject / baseline);
    const { name, subjectName, baselineName } = figure;
    const soFar = median(ratios).toFixed(3);
    note(`  ${name}, ${subjectName} ÷ ${baselineName}: ${soFar} after ${ratios.length} of ${rounds}`);
  });
  return { type: 'paired', ...figure, pairs };
}

/** What a report says where a program to compare with is not at hand. */
export function notCompared(tool: LlamaTool): string {
  return `${tool} is not at hand, so nothing was compared with it: build it with --build-tools.`;
}
