import { availableParallelism } from 'node:os';
import { MeasuringTime, mostMeasuringMs } from '../../speeds/measuringTime.ts';
import { DecodeBatch } from '../native/decodeBatch.ts';
import type { LlamaLibrary } from '../native/llamaBindings.ts';
import type { Pointer } from '../native/llamaStructs.ts';
import { captureWarnings, type NativeRuntime } from '../native/nativeRuntime.ts';
import { type MachineLoad, ownProcessorMs } from './machineLoad.ts';
import { ThreadBackoff } from './threadBackoff.ts';
import { type CallKind, chooseThreadCount, type ThreadCounts } from './threadCount.ts';

/** Tokens of the calls that are timed to choose the counts. */
const timedTokens: Readonly<Record<CallKind, number>> = { decode: 1, prefill: 32 };
/** A prompt's token usually takes less than this part of a step: so much is expected of the first call. */
const promptTokenSteps = 1 / 3;

/** Lowers the threads of calls that nothing has to reproduce, where other programs need the cores. */
export interface Politeness {
  readonly backoff: ThreadBackoff;
  readonly load: MachineLoad;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/**
 * The threads that compute one context's graphs. They wait asleep between two decode calls: llama.cpp left alone
 * starts and joins its threads for every graph, and threads that wait awake, as ggml's do by default, take
 * the core that statistics and the main thread need. Owned by the context's owner, who disposes it before the context.
 */
export class ComputeThreads {
  readonly #library: LlamaLibrary;
  readonly #context: Pointer;
  readonly #pool: Pointer;
  readonly #full: ThreadCounts;
  readonly #politeness: Politeness | null;
  #current = 0;

  /** Without politeness all threads compute, whatever others need. */
  constructor(
    library: LlamaLibrary,
    context: Pointer,
    { counts, politeness }: { readonly counts: ThreadCounts; readonly politeness: Politeness | null },
  ) {
    this.#library = library;
    this.#context = context;
    this.#full = counts;
    this.#politeness = politeness;
    const params = library.threadPoolDefaultParams(Math.max(counts.decode, counts.prefill));
    this.#pool = library.newThreadPool({ ...params, poll: 0 });
    captureWarnings(library, () => {
      if (this.#pool !== null) library.attachThreadPool(context, this.#pool);
    });
    this.#use(this.#polite().decode);
  }

  /**
   * Computes a call with as many threads as its kind is worth and others leave; with all of them for a reproducible text,
   * which the number of threads must not change. What they got of the processors decides about the next calls.
   */
  run<T>(kind: CallKind, { isReproducible }: { readonly isReproducible: boolean }, compute: () => T): T {
    this.#use((isReproducible ? this.#full : this.#polite())[kind]);
    if (this.#politeness === null) return compute();
    const { backoff, now } = this.#politeness;
    const startedMs = now();
    const ownMs = ownProcessorMs();
    try {
      return compute();
    } finally {
      const endedMs = now();
      const processorMs = ownProcessorMs() - ownMs;
      backoff.note({ endedMs, durationMs: endedMs - startedMs, processorMs, threads: this.#current });
    }
  }

  dispose(): void {
    if (this.#pool === null) return;
    captureWarnings(this.#library, () => {
      this.#library.attachThreadPool(this.#context, null);
    });
    this.#library.freeThreadPool(this.#pool);
  }

  #polite(): ThreadCounts {
    if (this.#politeness === null) return this.#full;
    const { backoff, load, now } = this.#politeness;
    return backoff.counts(now(), load.freeCores());
  }

  #use(count: number): void {
    if (count === this.#current) return;
    this.#current = count;
    // It says in the log that it does so.
    captureWarnings(this.#library, () => {
      this.#library.setThreads(this.#context, count, count);
    });
  }
}

/** Has a context that has no threads of its own yet compute on the cores that others leave, as its tests do. */
export function leaveCores(
  { library }: Pick<NativeRuntime, 'library'>,
  context: Pointer,
  { load, now }: Pick<Politeness, 'load' | 'now'>,
): void {
  const all = availableParallelism();
  const { decode } = new ThreadBackoff({ decode: all, prefill: all }).counts(now(), load.freeCores());
  captureWarnings(library, () => {
    library.setThreads(context, decode, decode);
  });
}

/**
 * The requested count for every call, or where none is requested (0) what a few decodes of each kind show to be fastest,
 * as many as time allows: all threads, and not measured, where it allows too few. Leaves the context's cache empty.
 */
export function measureThreadCounts(
  { library, hasGpu }: NativeRuntime,
  context: Pointer,
  { requested, now }: { readonly requested: number; readonly now: () => number },
): { readonly counts: ThreadCounts; readonly isMeasured: boolean } {
  const all = availableParallelism();
  if (requested > 0 || hasGpu) {
    const fixed = requested > 0 ? requested : all;
    return { counts: { decode: fixed, prefill: fixed }, isMeasured: false };
  }
  const time = new MeasuringTime(mostMeasuringMs.threads, now);
  let longestMs = 0;
  const timed = (kind: CallKind) => {
    const batch = new DecodeBatch(timedTokens[kind]);
    return (threads: number): number | null => {
      if (!time.hasRoomFor(longestMs)) return null;
      captureWarnings(library, () => {
        library.setThreads(context, threads, threads);
      });
      library.clearMemory(library.memory(context));
      batch.clear();
      for (let i = 0; i < timedTokens[kind]; i++) batch.add(0, i, 0, i + 1 === timedTokens[kind]);
      const startedMs = now();
      batch.decode(library, context);
      library.synchronize(context);
      const durationMs = now() - startedMs;
      longestMs = Math.max(longestMs, durationMs);
      return durationMs;
    };
  };
  const decode = chooseThreadCount(all, timed('decode'));
  longestMs *= timedTokens.prefill * promptTokenSteps;
  const prefill = chooseThreadCount(all, timed('prefill'));
  library.clearMemory(library.memory(context));
  const counts = { decode: decode ?? all, prefill: prefill ?? all };
  return { counts, isMeasured: decode !== null && prefill !== null };
}
