import { commonPrefixLength } from '../../../numeric/commonPrefixLength.ts';
import type { LogitsKernel } from '../../../numeric/logitsKernel.ts';
import { isFiniteRow } from '../../../numeric/tokenStatistics.ts';
import type { TokenId } from '../../engine.ts';
import { DraftCost } from '../../speculation/draftCost.ts';
import type { Continuation, DraftModel, TextFollower } from '../../speculation/modelDrafter.ts';
import { chunkTokens } from '../decoding/batchPlanner.ts';
import { DecodeBatch } from '../native/decodeBatch.ts';
import type { LlamaLibrary } from '../native/llamaBindings.ts';
import type { Pointer } from '../native/llamaStructs.ts';
import { type CLibrary, readLogits } from '../native/nativeMemory.ts';
import { DraftCells, type DraftText } from './draftCells.ts';

/** Tokens in one decode call of a draft model: it catches up in such pieces. */
export const draftBatchTokens = 256;
/** Time that one piece of catching up may take: others wait for their next tokens meanwhile. */
const catchUpTargetMs = 100;

export interface DraftContextDependencies {
  readonly library: LlamaLibrary;
  readonly cLibrary: CLibrary | null;
  /** Owned by the caller, with its abort predicate set. */
  readonly context: Pointer;
  readonly contextTokens: number;
  /** Kernel for the draft model's vocabulary. */
  readonly kernel: LogitsKernel;
  /** Tokens of the model drafted for; from here on its vocabulary has none. */
  readonly targetVocabularySize: number;
  /** Nothing is drafted after these. */
  readonly endTokens: ReadonlySet<TokenId>;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** Tokens of the calls that costs are measured with: a long one, and each kind of step as often as its median needs. */
const measuredCalls = [32, 1, 2, 1, 2, 1, 2];

const nothing: Continuation = { tokens: [], probabilities: [] };

/**
 * A draft model's context, on the engine thread beside that of the model it drafts for and used between two of its
 * decode calls. Cancelling a sequence raises the abort byte that both contexts watch; what was begun then is
 * dropped, and nothing is drafted.
 */
export class DraftContext implements DraftModel {
  readonly #cost = new DraftCost();
  readonly #dependencies: DraftContextDependencies;
  readonly #cells: DraftCells;
  readonly #batch = new DecodeBatch(draftBatchTokens);

  constructor(dependencies: DraftContextDependencies) {
    this.#dependencies = dependencies;
    this.#cells = new DraftCells(
      dependencies.library,
      dependencies.library.memory(dependencies.context),
      dependencies.contextTokens,
    );
  }

  follow(): TextFollower {
    const text: DraftText = { cellsId: null, tokens: [] };
    return {
      expectedMs: (context, tokens) => this.#expectedMs(text, context, tokens),
      continue: (context, limits) => this.#continue(text, context, limits),
      dispose: () => {
        this.#cells.drop(text);
      },
    };
  }

  /** Measures what steps and catching up cost, on a text of its own. Takes about as long as 40 tokens of prompt. */
  measure(): void {
    const text: DraftText = { cellsId: null, tokens: [] };
    this.#cells.align(text, [0]);
    for (const count of measuredCalls) {
      const tokens = Array.from(
        { length: count },
        (_, i) => (7 + 31 * i) % this.#dependencies.targetVocabularySize,
      );
      this.#decode(text, tokens, true);
    }
    this.#cells.drop(text);
  }

  /** Tokens of one call that catches up. */
  get #pieceTokens(): number {
    return chunkTokens(this.#cost.catchUpMsPerToken, catchUpTargetMs, draftBatchTokens);
  }

  #expectedMs(text: DraftText, context: readonly TokenId[], tokens: number): number {
    const known = Math.min(commonPrefixLength(text.tokens, context), context.length - 1);
    const unseen = context.length - known;
    const piece = this.#pieceTokens;
    if (unseen > piece) return this.#cost.callMs(piece);
    return this.#cost.callMs(unseen) + (tokens - 1) * this.#cost.callMs(1);
  }

  #continue(
    text: DraftText,
    context: readonly TokenId[],
    { maxTokens, leastConfidence }: { readonly maxTokens: number; readonly leastConfidence: number },
  ): Continuation {
    const most = Math.min(maxTokens, this.#cells.capacity - context.length);
    if (most <= 0) return nothing;
    const known = this.#cells.align(text, context);
    const piece = this.#pieceTokens;
    let pending = context.slice(known);
    if (pending.length > piece) {
      this.#decode(text, pending.slice(0, piece), false);
      return nothing;
    }
    const tokens: TokenId[] = [];
    const probabilities: number[] = [];
    let confidence = 1;
    while (tokens.length < most) {
      const next = this.#decode(text, pending, true);
      if (next === null || next.token >= this.#dependencies.targetVocabularySize) break;
      tokens.push(next.token);
      probabilities.push(next.probability);
      confidence *= next.probability;
      if (confidence < leastConfidence || this.#dependencies.endTokens.has(next.token)) break;
      pending = [next.token];
    }
    return { tokens, probabilities };
  }

  /** The likeliest token after `tokens`; null where it is not wanted, not reached, or no number. */
  #decode(
    text: DraftText,
    tokens: readonly TokenId[],
    wantsNext: boolean,
  ): { readonly token: TokenId; readonly probability: number } | null {
    const { library, context, now } = this.#dependencies;
    if (!this.#cells.makeRoom(tokens.length, text)) return null;
    const startedMs = now();
    const start = text.tokens.length;
    this.#batch.clear();
    for (const [i, token] of tokens.entries()) {
      this.#batch.add(token, start + i, text.cellsId ?? 0, wantsNext && i === tokens.length - 1);
    }
    if (this.#batch.decode(library, context) !== 'done') {
      this.#cells.restore(text);
      return null;
    }
    this.#cells.extend(text, tokens);
    if (!wantsNext) library.synchronize(context);
    const next = wantsNext ? this.#readNext(tokens.length - 1) : null;
    this.#cost.record(tokens.length, now() - startedMs);
    return next;
  }

  #readNext(row: number): { readonly token: TokenId; readonly probability: number } | null {
    const { library, cLibrary, context, kernel } = this.#dependencies;
    if (!readLogits({ library, cLibrary, context }, row, kernel.row)) return null;
    const { sums, leading } = kernel.analyse(1);
    const [token] = leading.ids;
    return token === undefined || !isFiniteRow(sums) ? null : { token, probability: 1 / sums.weight };
  }
}
