import { machineName } from '../../process/machineName.ts';
import { SpeedFile } from '../speeds/speedFile.ts';
import type { ModelSpeculation } from '../speculation/modelSpeculation.ts';
import { KvCache } from './cache/kvCache.ts';
import type { LoadedModel } from './connection/threadProtocol.ts';
import { DecodeLoop } from './decoding/decodeLoop.ts';
import { GrammarFilter } from './decoding/grammarFilter.ts';
import { HiddenStateReader } from './decoding/hiddenStateReader.ts';
import { SequenceStore } from './decoding/sequenceStore.ts';
import { StateOutputs } from './decoding/stateOutputs.ts';
import { type CheckedDraft, loadDrafts, type LoadedDrafts } from './drafting/draftLoads.ts';
import type { HostDependencies } from './loading/hostDependencies.ts';
import { describePlacement } from './loading/layerPlacement.ts';
import type { LoadPlan } from './loading/loadPlan.ts';
import { heldMemory, type HeldMemory } from './loading/memoryRoom.ts';
import { describeModel, stateSizeOf } from './loading/modelInfo.ts';
import { openSpeculation } from './loading/openSpeculation.ts';
import { type OpenTarget, openTarget } from './loading/openTarget.ts';
import {
  checkTarget,
  type LoadTask,
  openPrefixFiles,
  planTarget,
  type TargetFile,
} from './loading/targetFile.ts';
import { llamaVersion } from './native/libraryLocation.ts';
import { NativeReleases } from './native/nativeReleases.ts';
import type { Vocabulary } from './native/vocabulary.ts';

/** One loaded model with its context, on the engine thread. */
export interface ModelHost {
  readonly vocabulary: Vocabulary;
  readonly sequences: SequenceStore;
  readonly loop: DecodeLoop;
  readonly hiddenStates: HiddenStateReader;
  /** Null while speculation is off. */
  readonly speculation: ModelSpeculation | null;
  readonly loaded: LoadedModel;
  /** Resolves when nothing is being written to disk any more; also after the disposal. */
  settled(): Promise<void>;
  /** What it holds now. */
  memory(): HeldMemory;
  /** Frees context and model. Nothing may be called afterwards. */
  dispose(): void;
}

/**
 * Checks the file, loads it and opens a context. Throws `model.missing`, `model.unreadable`, `model.unsupported`,
 * `memory.insufficient` or `cancelled`; nothing native is left then.
 */
export async function loadModelHost(dependencies: HostDependencies, task: LoadTask): Promise<ModelHost> {
  const { runtime, date, now } = dependencies;
  const { library } = runtime;
  const file = await checkTarget(dependencies, task);
  const { plan, drafts } = planTarget(dependencies, task.options, file);
  const prefixFiles = await openPrefixFiles(date, task.options, { ...file, cacheType: plan.cacheType });

  const speeds = speedsOf(dependencies, task, { file, plan });
  const bytesBefore = process.memoryUsage.rss();

  const releases = new NativeReleases(library);
  try {
    const target = openTarget(dependencies, task, { file, plan, speeds, releases });
    if (speeds.read().loadedBytes === null)
      speeds.keep({ loadedBytes: process.memoryUsage.rss() - bytesBefore });
    const cache = new KvCache(library, target.context, {
      contextTokens: library.contextSize(target.context),
      hostBytes: plan.prefixBytes,
      files: prefixFiles,
      hasQuantizedKeys: plan.cacheType !== 'f16',
      now,
    });
    const loadedDrafts = await openDrafts(dependencies, task, { drafts, plan, target, releases });
    const speculation = openDrafting(dependencies, task, { speeds, target, loadedDrafts, releases });
    // Built while loading is waited for anyway: the first key would wait for it otherwise.
    if (target.vocabulary.infill !== null) target.vocabulary.prepareIndex();
    const decoding = openDecoding(dependencies, {
      target,
      cache,
      speculation,
      prefillMsPerToken: speeds.read().prefillMsPerToken,
    });
    releases.add(() => {
      // What is retired outlives the context on disk, where that is switched on.
      if (prefixFiles !== null) cache.forgetRetired();
    });
    return {
      ...decoding,
      vocabulary: target.vocabulary,
      speculation,
      loaded: describeLoaded(dependencies, task, { file, plan, target, drafts: loadedDrafts.results }),
      memory: () => heldMemory(file.identity.name, plan, cache.evictedBytes),
      settled: () => cache.settled(),
      dispose: () => {
        releases.freeAll();
      },
    };
  } catch (thrown) {
    releases.freeAll();
    throw thrown;
  }
}

/** Throws what loading would before anything of the model is in memory, `memory.insufficient` above all. */
export async function checkLoad(dependencies: HostDependencies, task: LoadTask): Promise<void> {
  planTarget(dependencies, task.options, await checkTarget(dependencies, task));
}

/** What is kept of this file's speeds on this machine, as it is loaded now. */
function speedsOf(
  { runtime }: HostDependencies,
  { path, options }: LoadTask,
  { file: { identity }, plan }: { readonly file: TargetFile; readonly plan: LoadPlan },
): SpeedFile {
  return new SpeedFile(path, {
    modelHash: identity.hash,
    requestedThreads: options.threads,
    machine: machineName(),
    backend: describePlacement(runtime, plan.placement),
    release: llamaVersion,
  });
}

async function openDrafts(
  dependencies: HostDependencies,
  { isCancelled }: LoadTask,
  {
    drafts,
    plan: { contextTokens },
    target: { counts, vocabulary },
    releases,
  }: {
    readonly drafts: readonly CheckedDraft[];
    readonly plan: LoadPlan;
    readonly target: OpenTarget;
    readonly releases: NativeReleases;
  },
): Promise<LoadedDrafts> {
  const options = { isCancelled, contextTokens, counts, targetVocabularySize: vocabulary.size };
  const loaded = await loadDrafts(dependencies, drafts, options);
  for (const host of loaded.hosts) {
    releases.add(() => {
      host.dispose();
    });
  }
  return loaded;
}

function openDrafting(
  { runtime, now }: HostDependencies,
  { options }: LoadTask,
  {
    speeds,
    target: { context, kernel, counts },
    loadedDrafts,
    releases,
  }: {
    readonly speeds: SpeedFile;
    readonly target: OpenTarget;
    readonly loadedDrafts: LoadedDrafts;
    readonly releases: NativeReleases;
  },
): ModelSpeculation | null {
  const { library, cLibrary } = runtime;
  const drafting = openSpeculation(
    { library, cLibrary, context, kernel, now },
    {
      mode: options.speculation,
      speeds,
      threads: runtime.hasGpu ? null : counts.decode,
      makers: loadedDrafts.hosts.map(({ drafters }) => drafters),
    },
  );
  if (drafting === null) return null;
  releases.add(drafting.close);
  return drafting.speculation;
}

/** The sequences of a context, the rounds that decode them, and the reader of their hidden states. */
function openDecoding(
  { runtime, control, events, now }: HostDependencies,
  {
    target: { model, context, vocabulary, kernel, threads },
    cache,
    speculation,
    prefillMsPerToken,
  }: {
    readonly target: OpenTarget;
    readonly cache: KvCache;
    readonly speculation: ModelSpeculation | null;
    readonly prefillMsPerToken: number | null;
  },
): Pick<ModelHost, 'sequences' | 'loop' | 'hiddenStates'> {
  const { library, cLibrary } = runtime;
  const sequences = new SequenceStore({
    cache,
    vocabulary,
    openGrammar: (grammar) => new GrammarFilter(library, vocabulary, grammar),
    speculation,
    now,
    events,
    isCancelled: (id) => control.isCancelled(id),
  });
  const stateSize = stateSizeOf(library, model);
  const stateOutputs = new StateOutputs(library, context);
  const shared = { library, cLibrary, context, cache, sequences, stateOutputs, stateSize };
  const loop = new DecodeLoop({
    ...shared,
    kernel,
    control,
    threads,
    vocabulary,
    abortableHiddenSize: runtime.hasGpu ? null : library.hiddenSize(model),
    speculation,
    prefillMsPerToken,
    events,
    now,
  });
  const hiddenStates = new HiddenStateReader({ ...shared, vocabularySize: vocabulary.size });
  return { sequences, loop, hiddenStates };
}

function describeLoaded(
  { runtime }: HostDependencies,
  { path, options: { thinkingForm = 'auto' } }: LoadTask,
  {
    file: { header, identity },
    plan,
    target: { model, context, vocabulary, counts },
    drafts,
  }: {
    readonly file: TargetFile;
    readonly plan: LoadPlan;
    readonly target: OpenTarget;
    readonly drafts: LoadedDrafts['results'];
  },
): LoadedModel {
  const threads = counts.decode;
  return {
    info: describeModel({
      runtime,
      model,
      context,
      vocabulary,
      header,
      identity,
      path,
      threads,
      drafts,
      plan,
      thinkingForm,
    }),
    chatTemplate: runtime.library.chatTemplate(model),
    beginText: vocabulary.beginSpelling,
    endText: vocabulary.endSpelling,
  };
}
