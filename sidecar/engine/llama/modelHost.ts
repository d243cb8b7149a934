import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkModelFile } from '../../gguf/checkModelFile.ts';
import { LogitsKernel } from '../../numeric/logitsKernel.ts';
import type { LoadOptions } from '../engine.ts';
import type { ModelSpeculation } from '../speculation/modelSpeculation.ts';
import { KvCache } from './cache/kvCache.ts';
import { PrefixFiles } from './cache/prefixFiles.ts';
import type { LoadedModel } from './connection/threadProtocol.ts';
import { batchTokens, outputRows } from './decoding/batchPlanner.ts';
import { ComputeThreads, measureThreadCounts } from './decoding/computeThreads.ts';
import { DecodeLoop } from './decoding/decodeLoop.ts';
import { GrammarFilter } from './decoding/grammarFilter.ts';
import { HiddenStateReader } from './decoding/hiddenStateReader.ts';
import { SequenceStore } from './decoding/sequenceStore.ts';
import { StateOutputs } from './decoding/stateOutputs.ts';
import { ThreadBackoff } from './decoding/threadBackoff.ts';
import { checkDrafts, fitBesideDrafts, loadDrafts } from './drafting/draftLoads.ts';
import { checkContext } from './loading/contextSelfTest.ts';
import type { HostDependencies } from './loading/hostDependencies.ts';
import { usableBytes } from './loading/layerPlacement.ts';
import { planLoad } from './loading/loadPlan.ts';
import { applyAdapter, checkAdapter } from './loading/loraAdapter.ts';
import { heldMemory, type HeldMemory, roomFor } from './loading/memoryRoom.ts';
import { identifyModel } from './loading/modelIdentity.ts';
import { describeModel, stateSizeOf } from './loading/modelInfo.ts';
import { armAbort, openContext } from './loading/openContext.ts';
import { openSpeculation } from './loading/openSpeculation.ts';
import { type OpenTask, openWeights } from './loading/openWeights.ts';
import { llamaVersion } from './native/libraryLocation.ts';
import { captureWarnings } from './native/nativeRuntime.ts';
import { Vocabulary } from './native/vocabulary.ts';

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

export interface LoadTask extends OpenTask {
  readonly options: LoadOptions;
}

/**
 * Checks the file, loads it and opens a context. Throws `model.missing`, `model.unreadable`, `model.unsupported`,
 * `memory.insufficient` or `cancelled`; nothing native is left then.
 */
export async function loadModelHost(parts: HostDependencies, task: LoadTask): Promise<ModelHost> {
  const { runtime, control, events, now, date } = parts;
  const { library, cLibrary } = runtime;
  const header = await checkModelFile(task.path);
  const wished = task.options.adapter;
  const adapter = wished === undefined ? null : await checkAdapter(wished, header);
  const identity = {
    ...(task.options.identity ?? (await identifyModel(task.path, header))),
    ...(adapter !== null && { adapter: adapter.identity }),
  };
  const wasm = await readFile(join(parts.bundleFolder, 'statistics.wasm'));
  const { speculation: mode, drafts: wishes = [] } = task.options;
  const target = { path: task.path, header, extraBuffers: runtime.extraBuffers };
  const checked = mode === 'off' ? [] : await checkDrafts(wishes, target);
  const wish = {
    contextTokens: task.options.contextTokens,
    cacheType: task.options.cacheType ?? 'auto',
    batchTokens,
    outputRows,
    prefixBytes: task.options.prefixBytes ?? 0,
  };
  const room = roomFor(runtime, parts.loaded(), task.options.memoryBytesLimit ?? 0);
  const { plan, drafts } = fitBesideDrafts(
    (draftBytes) => planLoad(header, { ...wish, besideBytes: draftBytes + (adapter?.sizeBytes ?? 0) }, room),
    checked,
    room.device === null ? room.hostBytes : usableBytes(room.device),
  );
  const { contextTokens, cacheType } = plan;

  const { prefixFiles } = task.options;
  const key = JSON.stringify({
    llamaVersion,
    model: identity.hash,
    // Cells that were computed with an adapter are of no use without it.
    ...(adapter !== null && { adapter: adapter.identity }),
    cacheType,
    processor: process.arch,
  });
  const files =
    prefixFiles === undefined
      ? null
      : await PrefixFiles.openIfPossible({ ...prefixFiles, key, date }, logLine);

  const undo: (() => void)[] = [];
  const dispose = (): void => {
    captureWarnings(library, () => {
      for (const step of undo.splice(0).reverse()) step();
    });
  };
  try {
    const model = openWeights(runtime, { ...task, plan: plan.weights });
    undo.push(() => {
      library.freeModel(model);
    });
    const context = openContext(runtime, model, { contextTokens, batchTokens, outputRows, cacheType });
    undo.push(() => {
      library.freeContext(context);
    });
    if (adapter !== null) applyAdapter(runtime, { model, context }, adapter);
    undo.push(armAbort(runtime, context, control));
    const vocabulary = new Vocabulary(library, library.modelVocabulary(model));
    const kernel = new LogitsKernel(new Uint8Array(wasm), vocabulary.size);
    checkContext({ library, cLibrary, context, kernel });
    const counts = measureThreadCounts(runtime, context, { wish: task.options.threads, now });
    // A requested number of threads is used.
    const isFixed = task.options.threads > 0 || runtime.hasGpu;
    const backoff = isFixed ? null : new ThreadBackoff(counts);
    const threads = new ComputeThreads(library, context, { counts, backoff });
    undo.push(() => {
      threads.dispose();
    });
    const chatTemplate = library.chatTemplate(model);
    const cache = new KvCache(library, context, {
      contextTokens: library.contextSize(context),
      hostBytes: plan.prefixBytes,
      files,
      hasQuantizedKeys: cacheType !== 'f16',
      now,
    });
    const { hosts, standings } = await loadDrafts(parts, drafts, {
      isCancelled: task.isCancelled,
      contextTokens,
      counts,
      targetVocabularySize: vocabulary.size,
    });
    for (const host of hosts) {
      undo.push(() => {
        host.dispose();
      });
    }
    const drafting = openSpeculation(
      { library, cLibrary, context, kernel, now },
      {
        mode,
        path: task.path,
        identity,
        backend: runtime.backend,
        threads: counts.decode,
        makers: hosts.map(({ drafters }) => drafters),
      },
    );
    if (drafting !== null) undo.push(drafting.close);
    const speculation = drafting?.speculation ?? null;
    const openGrammar = (grammar: string): GrammarFilter => new GrammarFilter(library, vocabulary, grammar);
    const isCancelled = (id: number): boolean => control.isCancelled(id);
    const sequences = new SequenceStore({
      cache,
      vocabulary,
      openGrammar,
      speculation,
      now,
      events,
      isCancelled,
    });
    const hiddenSize = library.hiddenSize(model);
    const stateSize = stateSizeOf(library, model);
    const stateOutputs = new StateOutputs(library, context);
    const loop = new DecodeLoop({
      library,
      cLibrary,
      context,
      kernel,
      control,
      threads,
      cache,
      sequences,
      vocabulary,
      stateOutputs,
      stateSize,
      abortableHiddenSize: runtime.hasGpu ? null : hiddenSize,
      speculation,
      events,
      now,
      sinceKeyMs: parts.sinceKeyMs,
    });
    const hiddenStates = new HiddenStateReader({
      library,
      cLibrary,
      context,
      cache,
      sequences,
      stateOutputs,
      stateSize,
      vocabularySize: vocabulary.size,
    });
    const loaded: LoadedModel = {
      info: describeModel({
        runtime,
        model,
        context,
        vocabulary,
        header,
        identity,
        path: task.path,
        threads: counts.decode,
        drafts: standings,
        plan,
      }),
      chatTemplate,
      beginText: vocabulary.beginSpelling,
      endText: vocabulary.endSpelling,
    };
    undo.push(() => {
      // What is retired outlives the context on disk, where that is switched on.
      if (files !== null) cache.forgetRetired();
    });
    const settled = (): Promise<void> => cache.settled();
    const memory = (): HeldMemory => heldMemory(identity.name, plan, cache.evictedBytes);
    return { vocabulary, sequences, loop, hiddenStates, speculation, loaded, memory, settled, dispose };
  } catch (thrown) {
    dispose();
    throw thrown;
  }
}

function logLine(line: string): void {
  process.stderr.write(`[entropane] ${line}\n`);
}
