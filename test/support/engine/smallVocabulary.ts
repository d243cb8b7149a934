import type { Model, LocalFacts, TokenId } from '../../../sidecar/engine/engine.ts';
import { findInfill } from '../../../sidecar/engine/infillFamilies.ts';
import { scriptedModel } from './scriptedRequest.ts';

/** Markers that llama.cpp finds in a vocabulary by their texts. */
const knownMarkers = {
  prefix: ['<|fim_prefix|>', '<fim_prefix>', '<｜fim▁begin｜>', '▁<PRE>', '<|code_prefix|>', '<|prefix|>'],
  suffix: ['<|fim_suffix|>', '<fim_suffix>', '<｜fim▁hole｜>', '▁<SUF>', '<|code_suffix|>', '<|suffix|>'],
  middle: ['<|fim_middle|>', '<fim_middle>', '<｜fim▁end｜>', '▁<MID>', '<|code_middle|>', '<|middle|>'],
};

/** Control tokens of a model, and one token for each character that comes. */
export class SmallVocabulary {
  readonly #texts: string[];
  readonly #controls: number;
  readonly #putsBlankBefore: boolean;

  constructor(controls: readonly string[], { putsBlankBefore = false } = {}) {
    this.#texts = [...controls];
    this.#controls = controls.length;
    this.#putsBlankBefore = putsBlankBefore;
  }

  readonly idOf = (text: string): TokenId | null => {
    const id = this.#texts.indexOf(text);
    return id >= 0 && id < this.#controls ? id : null;
  };

  /** As SentencePiece writes it where a blank is put before every text. */
  tokenize(text: string): readonly TokenId[] {
    return Array.from(this.#putsBlankBefore ? `▁${text}` : text).map((character) => {
      const known = this.#texts.indexOf(character, this.#controls);
      return known >= 0 ? known : this.#texts.push(character) - 1;
    });
  }

  /** Control tokens each by itself, the text between them together. */
  spell(tokens: readonly TokenId[]): readonly string[] {
    const parts: string[] = [];
    let isText = false;
    for (const token of tokens) {
      const text = this.#texts[token] ?? '';
      const last = parts.at(-1) ?? '';
      if (token >= this.#controls && isText) parts[parts.length - 1] = last + text;
      else parts.push(text);
      isText = token >= this.#controls;
    }
    return parts;
  }

  find(modelName: string): ReturnType<typeof findInfill> {
    const firstOf = (texts: readonly string[]): TokenId | null =>
      texts.map(this.idOf).find((id) => id !== null) ?? null;
    const { prefix, suffix, middle } = knownMarkers;
    return findInfill({
      idOf: this.idOf,
      marked: { prefix: firstOf(prefix), suffix: firstOf(suffix), middle: firstOf(middle) },
      modelName,
    });
  }

  /** A model with this vocabulary, as far as prompts look at one. */
  async model(modelName: string, local: Partial<LocalFacts> = {}): Promise<Pick<Model, 'info' | 'tokenize'>> {
    const infill = this.find(modelName)?.tokens ?? null;
    const { info: scripted } = await scriptedModel(() => '', { info: { infill }, local });
    return { info: scripted, tokenize: (text) => Promise.resolve(this.tokenize(text)) };
  }
}
