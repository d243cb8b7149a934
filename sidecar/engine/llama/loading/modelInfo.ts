import type { ThinkingFormChoice } from '../../../../protocol/thinking.ts';
import type { ModelIdentity } from '../../../../protocol/traceEvent.ts';
import { architectureOf, type GgufHeader, weightCountOf } from '../../../gguf/ggufHeader.ts';
import { localCapabilities } from '../../capabilities.ts';
import type { LocalFacts, ModelInfo } from '../../engine.ts';
import { detectThinking } from '../../thinkingFormats.ts';
import { describePlacement } from './layerPlacement.ts';
import type { LoadPlan } from './loadPlan.ts';
import type { LlamaLibrary } from '../native/llamaBindings.ts';
import type { Pointer } from '../native/llamaStructs.ts';
import type { NativeRuntime } from '../native/nativeRuntime.ts';
import type { Vocabulary } from '../native/vocabulary.ts';

/** A loaded model with its open context. */
export interface OpenModel {
  readonly runtime: NativeRuntime;
  readonly model: Pointer;
  readonly context: Pointer;
  readonly vocabulary: Vocabulary;
  readonly header: GgufHeader;
  readonly identity: ModelIdentity;
  readonly path: string;
  readonly threads: number;
  readonly drafts: LocalFacts['drafts'];
  readonly plan: LoadPlan;
  /** As in `LoadOptions`. */
  readonly thinkingForm: ThinkingFormChoice;
}

/**
 * Values of a last hidden state; null where llama.cpp cannot give one. It copies as many values as the file says from a
 * row of `hiddenSize`, and ends the process where the row is shorter.
 */
export function stateSizeOf(
  library: Pick<LlamaLibrary, 'hiddenSize' | 'outputSize'>,
  model: Pointer,
): number | null {
  const size = library.outputSize(model);
  return size >= 1 && size <= library.hiddenSize(model) ? size : null;
}

/** What the seam says of a loaded model. */
export function describeModel(open: OpenModel): ModelInfo {
  const { runtime, model, context, vocabulary, header, identity, path, threads, drafts, plan } = open;
  const architecture = architectureOf(header);
  const { library } = runtime;
  const template = library.chatTemplate(model);
  return {
    identity,
    contextTokens: library.contextSize(context),
    infill: vocabulary.infill,
    hasChatTemplate: template !== null,
    endTokens: [...vocabulary.endTokens],
    backend: describePlacement(runtime, plan.placement),
    capabilities: {
      ...localCapabilities,
      hiddenState: stateSizeOf(library, model),
      thinking: template === null ? null : detectThinking({ template, architecture }, open.thinkingForm),
    },
    local: {
      path,
      architecture: architecture ?? '',
      vocabularySize: vocabulary.size,
      hiddenSize: library.hiddenSize(model),
      blockCount: library.blockCount(model),
      weightCount: weightCountOf(header),
      trainingContextTokens: library.trainingContextSize(model),
      cacheType: plan.cacheType,
      memoryBytes: plan.prediction.totalBytes,
      mappedBytes: plan.prediction.mappedBytes,
      threads,
      drafts,
    },
  };
}
