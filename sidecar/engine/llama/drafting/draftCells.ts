import { commonPrefixLength } from '../../../numeric/commonPrefixLength.ts';
import type { TokenId } from '../../engine.ts';
import { KvLedger } from '../cache/kvLedger.ts';
import { longestPrefix } from '../cache/longestPrefix.ts';
import type { LlamaLibrary } from '../native/llamaBindings.ts';
import type { Pointer } from '../native/llamaStructs.ts';

/** What a draft context holds of one text. Owned by its `DraftCells`, which may take the cells away at any time. */
export interface DraftText {
  /** Null while it holds nothing. */
  cellsId: number | null;
  /** Tokens whose cells are in the cache, what was drafted last among them. */
  tokens: TokenId[];
}

/** What is asked of llama.cpp here. */
export type CellCalls = Pick<LlamaLibrary, 'removeCells' | 'shareCells'>;

/** Texts that one draft context can hold. */
const mostTexts = 32;

/**
 * The cells of a draft context, one llama.cpp sequence per text. Few are kept: where cells or ids run out, the text
 * that was not drafted for longest loses its own and is decoded again when it is needed. A text that starts like
 * another, as a fork does, shares that one's cells.
 */
export class DraftCells {
  readonly capacity: number;
  readonly #library: CellCalls;
  readonly #memory: Pointer;
  readonly #ledger: KvLedger;
  readonly #freeIds = Array.from({ length: mostTexts }, (_, i) => mostTexts - 1 - i);
  /** Those that hold cells, least recently used first. */
  readonly #texts = new Set<DraftText>();

  constructor(library: CellCalls, memory: Pointer, contextTokens: number) {
    this.#library = library;
    this.#memory = memory;
    this.#ledger = new KvLedger(contextTokens);
    this.capacity = contextTokens;
  }

  /** Makes `text` hold no more than the start it shares with `context`, less the last token. Returns that length. */
  align(text: DraftText, context: readonly TokenId[]): number {
    const cellsId = text.cellsId ?? this.#takeId(text);
    text.cellsId = cellsId;
    this.#texts.delete(text);
    const start = context.slice(0, -1);
    this.#truncate(text, commonPrefixLength(text.tokens, start));
    const match = longestPrefix(start, this.#holders());
    if (match !== null && match.length > text.tokens.length) {
      this.#library.shareCells(this.#memory, match.cellsId, cellsId, text.tokens.length, match.length);
      this.#ledger.share(match.cellsId, cellsId, match.length);
      text.tokens = start.slice(0, match.length);
    }
    this.#texts.add(text);
    return text.tokens.length;
  }

  /** Frees cells of other texts until `count` are free; false when they cannot be. */
  makeRoom(count: number, text: DraftText): boolean {
    while (this.#ledger.freeCount < count) {
      const [oldest] = this.#texts;
      if (oldest === undefined || oldest === text) return false;
      this.drop(oldest);
    }
    return true;
  }

  /** A decode has filled cells with these tokens. */
  extend(text: DraftText, tokens: readonly TokenId[]): void {
    if (text.cellsId === null) return;
    this.#ledger.extend(text.cellsId, tokens.length);
    text.tokens.push(...tokens);
  }

  /** A decode did not come to its end: nothing is kept beyond what was there before. */
  restore(text: DraftText): void {
    this.#truncate(text, text.tokens.length);
  }

  /** Gives back everything that is held for the text. */
  drop(text: DraftText): void {
    if (text.cellsId === null) return;
    this.#truncate(text, 0);
    this.#freeIds.push(text.cellsId);
    this.#texts.delete(text);
    text.cellsId = null;
  }

  *#holders(): Generator<{ readonly cellsId: number; readonly tokens: readonly TokenId[] }> {
    for (const { cellsId, tokens } of this.#texts) if (cellsId !== null) yield { cellsId, tokens };
  }

  #takeId(text: DraftText): number {
    if (this.#freeIds.length === 0) {
      const [oldest] = this.#texts;
      if (oldest !== undefined && oldest !== text) this.drop(oldest);
    }
    const id = this.#freeIds.pop();
    if (id === undefined) throw new Error('Ids of a draft context are held by its texts and by nobody else.');
    return id;
  }

  #truncate(text: DraftText, length: number): void {
    if (text.cellsId === null) return;
    this.#library.removeCells(this.#memory, text.cellsId, length, -1);
    this.#ledger.truncate(text.cellsId, length);
    text.tokens.length = length;
  }
}
