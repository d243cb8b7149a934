import { availableParallelism } from 'node:os';
import { DecodeBatch } from '../native/decodeBatch.ts';
import type { LlamaLibrary } from '../native/llamaBindings.ts';
import type { Pointer } from '../native/llamaStructs.ts';
import { captureWarnings, type NativeRuntime } from '../native/nativeRuntime.ts';
import type { DecodeCall, ThreadBackoff } from './threadBackoff.ts';
import { type CallKind, chooseThreadCount, type ThreadCounts } from './threadCount.ts';

/** Tokens of the calls that are timed to choose the counts. */
const timedTokens: Readonly<Record<CallKind, number>> = { decode: 1, prefill: 32 };

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
  readonly #backoff: ThreadBackoff | null;
  #current = 0;

  /** With backoff, threads are left to others where they need them. */
  constructor(
    library: LlamaLibrary,
    context: Pointer,
    { counts, backoff }: { readonly counts: ThreadCounts; readonly backoff: ThreadBackoff | null },
  ) {
    this.#library = library;
    this.#context = context;
    this.#full = counts;
    this.#backoff = backoff;
    const params = library.threadPoolDefaultParams(Math.max(counts.decode, counts.prefill));
    this.#pool = library.newThreadPool({ ...params, poll: 0 });
    captureWarnings(library, () => {
      if (this.#pool !== null) library.attachThreadPool(context, this.#pool);
    });
    this.#use(counts.decode);
  }

  /**
   * Before a call: takes as many threads as its kind is worth and backoff allow; all of them for a reproducible text,
   * which the number of threads must not change. `sinceKeyMs` is the time since the user was last seen typing, in
   * milliseconds.
   */
  prepare(
    kind: CallKind,
    call: { readonly isReproducible: boolean; readonly nowMs: number; readonly sinceKeyMs: number },
  ): void {
    const polite = call.isReproducible ? undefined : this.#backoff?.counts(call.nowMs, call.sinceKeyMs);
    this.#use((polite ?? this.#full)[kind]);
  }

  /** After a call without prompts: what it took shows whether others needed a processor. */
  note(call: Omit<DecodeCall, 'threads'>): void {
    this.#backoff?.note({ ...call, threads: this.#current });
  }

  dispose(): void {
    if (this.#pool === null) return;
    captureWarnings(this.#library, () => {
      this.#library.attachThreadPool(this.#context, null);
    });
    this.#library.freeThreadPool(this.#pool);
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

/**
 * The requested count for every call, or where none is requested (0) what a few decodes of each kind show to be fastest.
 * Leaves the context's cache empty.
 */
export function measureThreadCounts(
  { library, hasGpu }: NativeRuntime,
  context: Pointer,
  { requested, now }: { readonly requested: number; readonly now: () => number },
): ThreadCounts {
  if (requested > 0) return { decode: requested, prefill: requested };
  const all = availableParallelism();
  if (hasGpu) return { decode: all, prefill: all };
  const timed = (kind: CallKind) => {
    const batch = new DecodeBatch(timedTokens[kind]);
    return (threads: number): number => {
      captureWarnings(library, () => {
        library.setThreads(context, threads, threads);
      });
      library.clearMemory(library.memory(context));
      batch.clear();
      for (let i = 0; i < timedTokens[kind]; i++) batch.add(0, i, 0, i + 1 === timedTokens[kind]);
      const startedMs = now();
      batch.decode(library, context);
      library.synchronize(context);
      return now() - startedMs;
    };
  };
  const counts = {
    decode: chooseThreadCount(all, timed('decode')),
    prefill: chooseThreadCount(all, timed('prefill')),
  };
  library.clearMemory(library.memory(context));
  return counts;
}
