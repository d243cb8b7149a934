import type { TokenId } from '../engine.ts';
import { splitWords } from './script.ts';

/** The end-of-turn token, always the first of the vocabulary. */
export const endTokenText = '<|im_end|>';

/** Gives every piece of text an id as it first appears, and gives the text of an id again. */
export class ScriptedVocabulary {
  readonly #texts: string[] = [];
  readonly #ids = new Map<string, TokenId>();

  constructor(controlTokens: readonly string[]) {
    for (const text of [endTokenText, ...controlTokens]) this.idOf(text);
  }

  get size(): number {
    return this.#texts.length;
  }

  idOf(text: string): TokenId {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.#texts.push(text) - 1;
    this.#ids.set(text, id);
    return id;
  }

  textOf(tokens: readonly TokenId[]): string {
    return tokens.map((id) => this.#texts[id] ?? '').join('');
  }

  /** Without `special`, a control token's text is cut up, so that it cannot be taken for the token. */
  tokenize(text: string, options: { readonly special: boolean }): readonly TokenId[] {
    const pieces = options.special ? splitWords(text) : splitWords(text).flatMap(cutControlToken);
    return pieces.map((piece) => this.idOf(piece));
  }
}

function cutControlToken(piece: string): readonly string[] {
  return /^<\|[^|>]*\|>$/.test(piece) ? [piece.slice(0, 1), piece.slice(1)] : [piece];
}
