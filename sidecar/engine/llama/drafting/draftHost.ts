import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CodedError } from '../../../../protocol/codedError.ts';
import { checkModelFile } from '../../../gguf/checkModelFile.ts';
import type { GgufHeader } from '../../../gguf/ggufHeader.ts';
import { tokenizerDifference } from '../../../gguf/tokenizerDifference.ts';
import { LogitsKernel } from '../../../numeric/logitsKernel.ts';
import type { DraftRequest } from '../../engine.ts';
import type { DrafterMaker } from '../../speculation/drafter.ts';
import { modelDrafterMaker } from '../../speculation/modelDrafter.ts';
import { ComputeThreads } from '../decoding/computeThreads.ts';
import type { ThreadCounts } from '../decoding/threadCount.ts';
import { checkContext } from '../loading/contextSelfTest.ts';
import type { HostDependencies } from '../loading/hostDependencies.ts';
import {
  type ExtraBuffers,
  isBetterMapped,
  predictMemory,
  trainingContextOf,
} from '../loading/memoryNeed.ts';
import { armAbort, openContext } from '../loading/openContext.ts';
import { allLayers, type OpenTask, openWeights } from '../loading/openWeights.ts';
import { captureWarnings } from '../native/nativeRuntime.ts';
import { Vocabulary } from '../native/vocabulary.ts';
import { draftBatchTokens, DraftContext } from './draftContext.ts';

/** Cells of a draft context: a few texts of completions and questions. Longer texts are decoded without its drafts. */
const mostDraftCells = 4096;
/** A file that may draft, its header read and found to fit. */
export interface DraftFile extends DraftRequest {
  readonly header: GgufHeader;
  /** What the draft takes beside the model it drafts for. */
  readonly sizeBytes: number;
}

/** The model that is drafted for. */
export interface DraftTarget {
  readonly path: string;
  readonly header: GgufHeader;
  /** Buffer types of the machine that both run on. */
  readonly extraBuffers: ExtraBuffers;
}

/**
 * Reads the header of a draft model and compares its tokens with those of the model it is to draft for. Throws
 * `draft.incompatible`, and what `checkModelFile` throws.
 */
export async function checkDraftFile(
  { path, source }: DraftRequest,
  target: DraftTarget,
): Promise<DraftFile> {
  const header = await checkModelFile(path);
  const difference = tokenizerDifference(target.header, header);
  if (difference !== null) {
    throw new CodedError(
      'draft.incompatible',
      `${basename(path)} cannot draft for ${basename(target.path)}, because their tokens differ: ${difference}.`,
      'Choose a smaller model of the same family as a draft, or none.',
    );
  }
  const shape = {
    contextTokens: mostDraftCells,
    cacheType: 'f16',
    batchTokens: draftBatchTokens,
    outputRows: 1,
  } as const;
  return { path, source, header, sizeBytes: predictMemory(header, shape, target.extraBuffers).totalBytes };
}

/** A loaded draft model. */
export interface DraftHost {
  readonly drafters: DrafterMaker;
  /** Frees context and model, with llama.cpp's log in the caller's hand. Nothing may be called afterwards. */
  dispose(): void;
}

/**
 * Loads a draft model beside the one it drafts for and measures what its steps cost. Throws as `loadModelHost` does;
 * nothing native is left then.
 */
export async function loadDraftHost(
  parts: Pick<HostDependencies, 'runtime' | 'bundleFolder' | 'control' | 'now'>,
  file: DraftFile,
  options: Pick<OpenTask, 'isCancelled'> & {
    readonly contextTokens: number;
    readonly counts: ThreadCounts;
    readonly targetVocabularySize: number;
  },
): Promise<DraftHost> {
  const { runtime, control, now } = parts;
  const { library, cLibrary } = runtime;
  const wasm = await readFile(join(parts.bundleFolder, 'statistics.wasm'));
  const contextTokens = Math.min(options.contextTokens, trainingContextOf(file.header), mostDraftCells);
  const undo: (() => void)[] = [];
  const dispose = (): void => {
    for (const step of undo.splice(0).reverse()) step();
  };
  try {
    const model = openWeights(runtime, {
      path: file.path,
      plan: {
        isMapped: isBetterMapped(file.header, runtime.extraBuffers),
        deviceLayers: allLayers,
        hostPattern: null,
      },
      isCancelled: options.isCancelled,
    });
    undo.push(() => {
      library.freeModel(model);
    });
    const size = { contextTokens, batchTokens: draftBatchTokens, outputRows: 1 };
    const context = openContext(runtime, model, size);
    undo.push(() => {
      library.freeContext(context);
    });
    undo.push(armAbort(runtime, context, control));
    const vocabulary = new Vocabulary(library, library.modelVocabulary(model));
    const kernel = new LogitsKernel(new Uint8Array(wasm), vocabulary.size);
    checkContext({ library, cLibrary, context, kernel });
    const threads = new ComputeThreads(library, context, { counts: options.counts, politeness: null });
    undo.push(() => {
      threads.dispose();
    });
    const draft = new DraftContext({
      library,
      cLibrary,
      context,
      contextTokens: library.contextSize(context),
      kernel,
      targetVocabularySize: options.targetVocabularySize,
      endTokens: vocabulary.endTokens,
      now,
    });
    draft.measure();
    return { drafters: modelDrafterMaker(file.source, draft), dispose };
  } catch (thrown) {
    captureWarnings(library, dispose);
    throw thrown;
  }
}
