import { CodedError } from '../../../../protocol/codedError.ts';
import type { TokenId } from '../../engine.ts';
import type { LlamaLibrary } from '../native/llamaBindings.ts';
import type { Pointer } from '../native/llamaStructs.ts';
import { addressOf } from '../native/nativeAddress.ts';
import { captureWarnings } from '../native/nativeRuntime.ts';
import type { Vocabulary } from '../native/vocabulary.ts';

/** Bytes of a `llama_token_data`: id, logit, probability, four bytes each. */
const entryBytes = 12;
const entryWords = entryBytes / 4;
/** Bytes of a `llama_token_data_array`: a pointer, the size, the selected place, and whether it is sorted. */
const headerBytes = 32;

const rootRule = 'root';

/**
 * One text that grows by a grammar in GBNF, by llama.cpp's own grammar sampler. Tokens are asked about and then
 * accepted one after another; a token that was not found allowed must never be accepted, since llama.cpp ends the
 * process then. Owns native memory until `dispose`.
 */
export class GrammarFilter {
  readonly #library: LlamaLibrary;
  readonly #vocabulary: Vocabulary;
  #sampler: Pointer;
  /** The one token that is asked about most of the time. */
  readonly #single = new TokenTable(1);
  /** All tokens; made when the first is refused. */
  #all: TokenTable | null = null;

  /** Throws `grammar.invalid`. */
  constructor(library: LlamaLibrary, vocabulary: Vocabulary, grammar: string) {
    this.#library = library;
    this.#vocabulary = vocabulary;
    const { value: sampler, warnings } = captureWarnings(library, () =>
      library.newGrammar(vocabulary.pointer, grammar, rootRule),
    );
    // The empty grammar is none to llama.cpp, which then allows everything.
    if (sampler === null || grammar.trim() === '') throw invalidGrammar(warnings);
    this.#sampler = sampler;
  }

  /** Whether the text may go on with this token, or end where it is an end token. */
  allows(token: TokenId): boolean {
    if (this.#vocabulary.silentTokens.has(token)) return false;
    this.#single.reset(() => token);
    this.#library.applySampler(this.#sampler, this.#single.header);
    return this.#single.isAllowed(0);
  }

  /** Sets the logit of every token that is not allowed to `refusedLogit`. Returns how many are left; costs milliseconds. */
  refuse(row: Float32Array, refusedLogit: number): number {
    this.#all ??= new TokenTable(row.length);
    this.#all.reset((index) => index);
    this.#library.applySampler(this.#sampler, this.#all.header);
    let allowed = 0;
    for (let token = 0; token < row.length; token++) {
      if (this.#all.isAllowed(token) && !this.#vocabulary.silentTokens.has(token)) allowed += 1;
      else row[token] = refusedLogit;
    }
    return allowed;
  }

  /** The text goes on with this token, which was found allowed and is not an end token. */
  accept(token: TokenId): void {
    this.#library.acceptToken(this.#sampler, token);
  }

  /** Idempotent. */
  dispose(): void {
    if (this.#sampler !== null) this.#library.freeSampler(this.#sampler);
    this.#sampler = null;
  }
}

/** Tokens in llama.cpp's layout. Their logits say nothing but which the grammar refused. */
class TokenTable {
  /** Where llama.cpp finds the table. */
  readonly header: bigint;
  readonly #size: number;
  readonly #words: Int32Array<ArrayBuffer>;
  readonly #logits: Float32Array<ArrayBuffer>;
  readonly #fields: BigInt64Array<ArrayBuffer>;

  constructor(size: number) {
    const entries = new ArrayBuffer(size * entryBytes);
    this.#size = size;
    this.#words = new Int32Array(entries);
    this.#logits = new Float32Array(entries);
    this.#fields = new BigInt64Array(headerBytes / 8);
    this.header = addressOf(this.#fields);
  }

  reset(tokenAt: (index: number) => TokenId): void {
    for (let index = 0; index < this.#size; index++) {
      this.#words[index * entryWords] = tokenAt(index);
      this.#logits[index * entryWords + 1] = 0;
    }
    this.#fields.set([BigInt.asIntN(64, addressOf(this.#words)), BigInt(this.#size), -1n, 0n]);
  }

  isAllowed(index: number): boolean {
    return this.#logits[index * entryWords + 1] !== -Infinity;
  }
}

function invalidGrammar(warnings: readonly string[]): CodedError {
  const reason = warnings.find((line) => line !== '') ?? 'it has no rule';
  return new CodedError(
    'grammar.invalid',
    `The grammar cannot be used: ${reason}.`,
    `Correct it; it must be in GBNF and have a rule named "${rootRule}".`,
  );
}
