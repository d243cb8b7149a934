import { allThinkingMarkers } from '../../../../protocol/thinkingTable.ts';
import type { InfillTokens, TokenId } from '../../engine.ts';
import { type FoundInfill, findInfill } from '../../infillFamilies.ts';
import { VocabularyIndex } from '../../vocabularyIndex.ts';
import type { LlamaLibrary } from './llamaBindings.ts';
import type { Pointer } from './llamaStructs.ts';

/** Control tokens that end a text for some model family and are not flagged as such in every file. */
const endTokenTexts = ['<|endoftext|>', '<|fim_pad|>', '<|file_sep|>', '<|repo_name|>'];
const maxPieceBytes = 1024;

/** A model's tokens: text to ids, ids to bytes, and which ids mean something special. */
export class Vocabulary {
  readonly size: number;
  readonly endTokens: ReadonlySet<TokenId>;
  readonly infill: InfillTokens | null;
  /** Put before the first token of every text where the model was trained so. */
  readonly beginToken: TokenId | null;
  /** Control tokens that mark a model's thought: they have text, which separates it from the answer. */
  readonly #markers: ReadonlySet<TokenId>;
  readonly #library: LlamaLibrary;
  readonly #vocabulary: Pointer;
  readonly #pieces = new Map<TokenId, Uint8Array>();
  readonly #texts = new Map<TokenId, string>();
  readonly #pieceBuffer = new Uint8Array(maxPieceBytes);
  #silentTokens: ReadonlySet<TokenId> | null = null;
  #index: VocabularyIndex | null = null;

  /** The model's name and architecture may decide its infill family, where several share a vocabulary. */
  constructor(library: LlamaLibrary, vocabulary: Pointer, modelName = '') {
    this.#library = library;
    this.#vocabulary = vocabulary;
    this.size = library.vocabularySize(vocabulary);
    const infill = this.#findInfill(modelName);
    this.infill = infill?.tokens ?? null;
    this.beginToken = library.addsBeginToken(vocabulary) ? tokenOrNull(library.beginToken(vocabulary)) : null;
    this.endTokens = this.#findEndTokens(infill?.ends ?? []);
    this.#markers = this.#findMarkers();
  }

  /** For native calls. */
  get pointer(): Pointer {
    return this.#vocabulary;
  }

  /** Tokens that add no text and do not end it either. Costs a call for each token the first time. */
  get silentTokens(): ReadonlySet<TokenId> {
    this.#silentTokens ??= this.#findSilentTokens();
    return this.#silentTokens;
  }

  /**
   * Tokens by their bytes, without end tokens and those that add no text. The first time it costs a call for each token and a
   * sort: about a sixth of a second for 150,000 tokens.
   */
  get index(): VocabularyIndex {
    this.#index ??= this.#buildIndex();
    return this.#index;
  }

  /** Builds `index`, so that nothing waits for it later. */
  prepareIndex(): void {
    this.#index ??= this.#buildIndex();
  }

  /** `special` lets control tokens such as `<|im_start|>` be parsed; no begin token is added. */
  tokenize(text: string, special: boolean): readonly TokenId[] {
    const bytes = Buffer.from(text, 'utf8');
    let tokens = new Int32Array(bytes.length + 8);
    let count = this.#tokenizeInto(bytes, tokens, special);
    if (count < 0) {
      tokens = new Int32Array(-count);
      count = this.#tokenizeInto(bytes, tokens, special);
    }
    return Array.from(tokens.subarray(0, Math.max(count, 0)));
  }

  /** The token's bytes, possibly part of a character; control tokens have none, but for markers of a thought. */
  piece(token: TokenId): Uint8Array {
    const known = this.#pieces.get(token);
    if (known !== undefined) return known;
    const bytes = this.#readPiece(token, this.#markers.has(token));
    this.#pieces.set(token, bytes);
    return bytes;
  }

  /** The token by itself as text: U+FFFD replaces the bytes of an unfinished character. */
  textOf(token: TokenId): string {
    const known = this.#texts.get(token);
    if (known !== undefined) return known;
    const text = Buffer.from(this.piece(token)).toString('utf8');
    this.#texts.set(token, text);
    return text;
  }

  /** A whole text, control tokens spelled out. */
  detokenize(tokens: readonly TokenId[]): string {
    return Buffer.concat(tokens.map((token) => this.#readPiece(token, true))).toString('utf8');
  }

  /** How a control token is spelled; empty for null. */
  spelling(token: TokenId | null): string {
    return token === null ? '' : Buffer.from(this.#readPiece(token, true)).toString('utf8');
  }

  get beginSpelling(): string {
    return this.spelling(tokenOrNull(this.#library.beginToken(this.#vocabulary)));
  }

  get endSpelling(): string {
    return this.spelling(tokenOrNull(this.#library.endToken(this.#vocabulary)));
  }

  #buildIndex(): VocabularyIndex {
    const nothing = new Uint8Array();
    return new VocabularyIndex(this.size, (token) =>
      this.endTokens.has(token) ? nothing : this.#readPiece(token, false),
    );
  }

  #tokenizeInto(bytes: Uint8Array, tokens: Int32Array, special: boolean): number {
    return this.#library.tokenize(
      this.#vocabulary,
      bytes,
      bytes.length,
      tokens,
      tokens.length,
      false,
      special,
    );
  }

  #readPiece(token: TokenId, special: boolean): Uint8Array {
    const length = this.#library.tokenToPiece(
      this.#vocabulary,
      token,
      this.#pieceBuffer,
      maxPieceBytes,
      0,
      special,
    );
    if (length >= 0) return this.#pieceBuffer.slice(0, length);
    const buffer = new Uint8Array(-length);
    this.#library.tokenToPiece(this.#vocabulary, token, buffer, buffer.length, 0, special);
    return buffer;
  }

  #findInfill(modelName: string): FoundInfill | null {
    return findInfill({
      idOf: (text) => this.#tokenNamed(text),
      marked: {
        prefix: tokenOrNull(this.#library.infillPrefix(this.#vocabulary)),
        suffix: tokenOrNull(this.#library.infillSuffix(this.#vocabulary)),
        middle: tokenOrNull(this.#library.infillMiddle(this.#vocabulary)),
      },
      modelName,
    });
  }

  /** The one token that a text is, such as a control token; null where it is several. */
  #tokenNamed(text: string): TokenId | null {
    const [token, ...more] = this.tokenize(text, true);
    return token !== undefined && more.length === 0 ? token : null;
  }

  #findMarkers(): ReadonlySet<TokenId> {
    const tokens = allThinkingMarkers.flatMap(({ open, closing }) => [
      ...this.tokenize(open, true),
      ...this.tokenize(closing, true),
    ]);
    return new Set(
      tokens.filter(
        (token) => this.#library.isControl(this.#vocabulary, token) && !this.endTokens.has(token),
      ),
    );
  }

  #findSilentTokens(): ReadonlySet<TokenId> {
    const tokens = new Set<TokenId>();
    for (let token = 0; token < this.size; token++) {
      const isSilent = this.endTokens.has(token) || this.#library.isControl(this.#vocabulary, token);
      if (isSilent && !this.#library.isEndOfGeneration(this.#vocabulary, token)) tokens.add(token);
    }
    return tokens;
  }

  #findEndTokens(ofInfill: readonly TokenId[]): ReadonlySet<TokenId> {
    const tokens = new Set<TokenId>(ofInfill);
    for (let token = 0; token < this.size; token++) {
      if (this.#library.isEndOfGeneration(this.#vocabulary, token)) tokens.add(token);
    }
    for (const text of endTokenTexts) {
      const token = this.#tokenNamed(text);
      if (token !== null) tokens.add(token);
    }
    return tokens;
  }
}

/** llama.cpp says −1 for a token that the vocabulary lacks. */
function tokenOrNull(token: number): TokenId | null {
  return token < 0 ? null : token;
}
