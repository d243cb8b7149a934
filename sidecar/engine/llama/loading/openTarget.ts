import { availableParallelism } from 'node:os';
import { architectureOf, metadataText } from '../../../gguf/ggufHeader.ts';
import { LogitsKernel } from '../../../numeric/logitsKernel.ts';
import type { SpeedFile } from '../../speeds/speedFile.ts';
import { batchTokens, outputRows } from '../decoding/batchPlanner.ts';
import { ComputeThreads, leaveCores, measureThreadCounts } from '../decoding/computeThreads.ts';
import { ThreadBackoff } from '../decoding/threadBackoff.ts';
import type { ThreadCounts } from '../decoding/threadCount.ts';
import type { Pointer } from '../native/llamaStructs.ts';
import type { NativeReleases } from '../native/nativeReleases.ts';
import { Vocabulary } from '../native/vocabulary.ts';
import { checkContext } from './contextSelfTest.ts';
import type { HostDependencies } from './hostDependencies.ts';
import type { LoadPlan } from './loadPlan.ts';
import { applyAdapter } from './loraAdapter.ts';
import { armAbort, openContext } from './openContext.ts';
import { openWeights } from './openWeights.ts';
import type { LoadTask, TargetFile } from './targetFile.ts';

/** A model in llama.cpp, with a context that was tested. */
export interface OpenTarget {
  readonly model: Pointer;
  readonly context: Pointer;
  readonly vocabulary: Vocabulary;
  readonly kernel: LogitsKernel;
  readonly counts: ThreadCounts;
  readonly threads: ComputeThreads;
}

/**
 * Loads the weights as planned and opens a context. Measures its threads if no earlier load has. What is opened is added to
 * `releases` at once, so that their owner can free it where a later step throws. Throws as `loadModelHost` does.
 */
export function openTarget(
  { runtime, control, now, load }: HostDependencies,
  task: LoadTask,
  {
    file,
    plan,
    speeds,
    releases,
  }: {
    readonly file: TargetFile;
    readonly plan: LoadPlan;
    readonly speeds: Pick<SpeedFile, 'read' | 'keep'>;
    readonly releases: NativeReleases;
  },
): OpenTarget {
  const { library, cLibrary } = runtime;
  const { contextTokens, cacheType } = plan;
  const model = openWeights(runtime, { ...task, plan: plan.weights });
  releases.add(() => {
    library.freeModel(model);
  });
  const context = openContext(runtime, model, { contextTokens, batchTokens, outputRows, cacheType });
  releases.add(() => {
    library.freeContext(context);
  });
  if (file.adapter !== null) applyAdapter(runtime, { model, context }, file.adapter);
  releases.add(armAbort(runtime, context, control));
  const vocabulary = new Vocabulary(library, library.modelVocabulary(model), namesOf(file));
  const kernel = new LogitsKernel(new Uint8Array(file.wasm), vocabulary.size);
  const requested = task.options.threads;
  // A number of threads that was asked for is kept.
  const isFixed = requested > 0 || runtime.hasGpu;
  if (!isFixed) leaveCores(runtime, context, { load, now });
  checkContext({ library, cLibrary, context, kernel });
  const known = isFixed ? null : speeds.read().threads;
  const { counts, isMeasured } =
    known === null
      ? measureThreadCounts(runtime, context, { requested, now })
      : { counts: known, isMeasured: false };
  // On a machine that is busy the choice says more of its other programs: it is made again at the next load.
  const isQuiet = (load.freeCores() ?? Infinity) > availableParallelism() - 1;
  if (isMeasured && isQuiet) speeds.keep({ threads: counts });
  const politeness = isFixed ? null : { backoff: new ThreadBackoff(counts), load, now };
  const threads = new ComputeThreads(library, context, { counts, politeness });
  releases.add(() => {
    threads.dispose();
  });
  return { model, context, vocabulary, kernel, counts, threads };
}

/** What a model is called in its file and in the catalogue, with its architecture. */
function namesOf({ identity, header }: TargetFile): string {
  const names = [identity.name, architectureOf(header), metadataText(header, 'general.name')];
  return names.filter((name) => name !== null).join(' ');
}
