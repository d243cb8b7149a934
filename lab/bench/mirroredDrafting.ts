import { CodedError } from '../../protocol/codedError.ts';
import type { TokenId } from '../../sidecar/engine/engine.ts';
import { DecodeBatch } from '../../sidecar/engine/llama/native/decodeBatch.ts';
import type { Pointer } from '../../sidecar/engine/llama/native/llamaStructs.ts';
import { readLogits } from '../../sidecar/engine/llama/native/nativeMemory.ts';
import { captureWarnings, type NativeRuntime } from '../../sidecar/engine/llama/native/nativeRuntime.ts';
import type { Drafter } from '../../sidecar/engine/speculation/drafter.ts';
import type { LogitsKernel } from '../../sidecar/numeric/logitsKernel.ts';

/** A model that verifies and one that drafts for it, each with a context of its own and nothing else going on. */
export interface DraftingPair {
  readonly runtime: NativeRuntime;
  readonly target: { readonly context: Pointer; readonly kernel: LogitsKernel };
  readonly draft: { readonly context: Pointer; readonly drafter: Drafter };
  /** Threads of both together. */
  readonly threads: number;
}

export interface DraftingRun {
  readonly tokens: readonly TokenId[];
  readonly durationMs: number;
  readonly draftedCount: number;
  readonly acceptedCount: number;
  /** Rounds, and those whose draft was made while the one before it was verified. */
  readonly roundCount: number;
  readonly mirroredCount: number;
}

/** How a round is done: one after the other on all threads, or side by side on a share of them each. */
export type DraftingOrder = 'plain' | 'serial' | 'mirrored';

export interface DraftingTask {
  readonly order: DraftingOrder;
  readonly prompt: readonly TokenId[];
  readonly tokens: number;
  /** Tokens of each draft. */
  readonly draftTokens: number;
}

/** Most prompt tokens in one call of the target. */
const promptPiece = 256;

/**
 * Greedy decoding of one text with drafts, made and verified in turns or, as Mirror-SD does (arXiv 2510.13161), at the
 * same time: while the target verifies a draft on a thread of the pool, the draft model goes on after it as if all
 * of it and its own next token were right. If they are, the next draft is there already; if not, it is made again.
 */
export class DraftingLoop {
  readonly #pair: DraftingPair;
  readonly #batch = new DecodeBatch(promptPiece);
  #text: TokenId[] = [];
  #decodedCount = 0;

  constructor(pair: DraftingPair) {
    this.#pair = pair;
  }

  async run({ order, prompt, tokens, draftTokens }: DraftingTask, signal: AbortSignal): Promise<DraftingRun> {
    const { threads } = this.#pair;
    const half = Math.max(1, Math.floor(threads / 2));
    this.#setThreads('target', threads);
    this.#setThreads('draft', threads);
    this.#prefill(prompt);
    if (order !== 'plain') this.#catchUp();
    if (order === 'mirrored') this.#setThreads('target', Math.max(1, threads - half));
    const startedMs = performance.now();
    let draftedCount = 0;
    let acceptedCount = 0;
    let roundCount = 0;
    let mirroredCount = 0;
    let ready: readonly TokenId[] = [];
    while (this.#text.length - prompt.length < tokens) {
      // The turn in which an interruption is heard: the rest of a round in turns is native code.
      await nextTurn();
      signal.throwIfAborted();
      roundCount += 1;
      if (ready.length > 0) mirroredCount += 1;
      else if (order !== 'plain') ready = this.#draft(this.#text, draftTokens);
      const draft = ready;
      draftedCount += draft.length;
      let ahead: TokenId[] = [];
      if (order === 'mirrored') {
        this.#setThreads('draft', half);
        ahead = await this.#verifyBeside(draft, draftTokens + 1);
        this.#setThreads('draft', threads);
      } else this.#verify(draft);
      const { accepted, next } = this.#accept(draft);
      acceptedCount += accepted;
      ready = accepted === draft.length && ahead[0] === next ? ahead.slice(1) : [];
    }
    const durationMs = performance.now() - startedMs;
    const generated = this.#text.slice(prompt.length);
    return { tokens: generated, durationMs, draftedCount, acceptedCount, roundCount, mirroredCount };
  }

  #prefill(prompt: readonly TokenId[]): void {
    const { library } = this.#pair.runtime;
    const { context } = this.#pair.target;
    library.clearMemory(library.memory(context));
    this.#text = [...prompt];
    this.#decodedCount = 0;
    while (this.#decodedCount < prompt.length - 1) {
      this.#batch.clear();
      const piece = prompt.slice(
        this.#decodedCount,
        Math.min(this.#decodedCount + promptPiece, prompt.length - 1),
      );
      for (const [i, token] of piece.entries()) this.#batch.add(token, this.#decodedCount + i, 0, false);
      if (this.#batch.decode(library, context) !== 'done') throw failed();
      this.#decodedCount += piece.length;
    }
  }

  /** The draft model reads the prompt, as it would have done for the draft before. */
  #catchUp(): void {
    for (let piece = 0; piece < this.#text.length; piece++) {
      if (this.#draft(this.#text, 1).length > 0) return;
    }
    throw failed();
  }

  #draft(context: readonly TokenId[], maxTokens: number): readonly TokenId[] {
    const { nodes } = this.#pair.draft.drafter.propose(context, {
      maxTokens,
      branches: 1,
      leastConfidence: 0,
    });
    return nodes.map(({ token }) => token);
  }

  #fill(draft: readonly TokenId[]): void {
    this.#batch.clear();
    for (const [i, token] of [...this.#text.slice(this.#decodedCount), ...draft].entries()) {
      this.#batch.add(token, this.#decodedCount + i, 0, true);
    }
  }

  #verify(draft: readonly TokenId[]): void {
    this.#fill(draft);
    if (this.#batch.decode(this.#pair.runtime.library, this.#pair.target.context) !== 'done') throw failed();
  }

  /** Verifies on a thread of the pool and drafts on this one until that is done, at most `mostAhead` tokens. */
  async #verifyBeside(draft: readonly TokenId[], mostAhead: number): Promise<TokenId[]> {
    this.#fill(draft);
    const { library } = this.#pair.runtime;
    const verifying = this.#batch.decodeBeside(library, this.#pair.target.context);
    const ahead: TokenId[] = [];
    const context = [...this.#text, ...draft];
    while (ahead.length < mostAhead) {
      const [token] = this.#draft([...context, ...ahead], 1);
      if (token === undefined) break;
      ahead.push(token);
      // The pool reports its end in a turn of the event loop.
      if (await Promise.race([verifying.then(() => true), nextTurn()])) break;
    }
    if ((await verifying) !== 'done') throw failed();
    return ahead;
  }

  /** Takes the target's own tokens for as long as the draft agrees, and the next one. */
  #accept(draft: readonly TokenId[]): { readonly accepted: number; readonly next: TokenId } {
    const { runtime, target } = this.#pair;
    const { library, cLibrary } = runtime;
    let accepted = 0;
    for (;;) {
      const source = { library, cLibrary, context: target.context };
      if (!readLogits(source, accepted, target.kernel.row)) throw failed();
      const next = target.kernel.analyse(1).leading.ids[0] ?? 0;
      this.#text.push(next);
      if (draft[accepted] !== next) {
        this.#decodedCount = this.#text.length - 1;
        library.removeCells(library.memory(target.context), 0, this.#decodedCount, -1);
        return { accepted, next };
      }
      accepted += 1;
    }
  }

  #setThreads(which: 'target' | 'draft', threads: number): void {
    const { library } = this.#pair.runtime;
    const { context } = this.#pair[which];
    // llama.cpp says in its log that it does so.
    captureWarnings(library, () => {
      library.setThreads(context, threads, threads);
    });
  }
}

function nextTurn(): Promise<false> {
  return new Promise((resolve) => setImmediate(resolve, false));
}

function failed(): CodedError {
  return new CodedError(
    'engine.failed',
    'llama.cpp could not decode a batch of the drafting measurement.',
    'Run the suite again.',
  );
}
