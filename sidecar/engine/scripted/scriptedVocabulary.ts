import type { TokenId } from '../engine.ts';
import { TextIds } from '../textIds.ts';
import { splitWords } from './script.ts';

/** The end-of-turn token, always the first of the vocabulary. */
export const endTokenText = '<|im_end|>';

/** Tokens that are words; the control tokens come first. */
export class ScriptedVocabulary extends TextIds {
  constructor(controlTokens: readonly string[]) {
    super();
    for (const text of [endTokenText, ...controlTokens]) this.idOf(text);
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
