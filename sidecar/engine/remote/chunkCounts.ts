import type { OpenAiChunk } from './openAiChunk.ts';

/** How a chunk follows on those before it. */
type Following = 'next' | 'repeated' | 'afterLoss';

/**
 * Notices chunks of a stream that come twice or not at all, by the count of all tokens so far that vLLM sends with each
 * (`continuous_usage_stats`). How many tokens a chunk has is known where the server names them. In an answer of a conversation
 * it may keep the marks of a thought to itself, of an empty one too, so nothing is taken for lost at its beginning and where
 * a thought ends.
 */
export class ChunkCounts {
  readonly #sendsAll: boolean;
  #before = 0;
  #isNamed = false;
  #part: 'none' | 'thought' | 'text' = 'none';

  /** `sendsAll` where the server takes no thought apart, and so keeps no token to itself. */
  constructor({ sendsAll }: { readonly sendsAll: boolean }) {
    this.#sendsAll = sendsAll;
  }

  /** A chunk whose server does not count is the next one. */
  follow({ tokenCount, tokens, text, thought, isEmpty, finish }: OpenAiChunk): Following {
    if (tokenCount === null) return 'next';
    const part = text !== '' ? 'text' : thought !== '' ? 'thought' : null;
    // The first chunk of a conversation has its role and a count of 0.
    if (tokenCount <= this.#before) return part === null || tokenCount === 0 ? 'next' : 'repeated';
    const count = tokenCount - this.#before;
    const isWithinPart = this.#isWithin(part);
    this.#before = tokenCount;
    this.#part = part ?? this.#part;
    if (isEmpty) return 'afterLoss';
    if (tokens.length > 0) {
      this.#isNamed = true;
      return isWithinPart && count > tokens.length ? 'afterLoss' : 'next';
    }
    // Nothing but the token that ended the text.
    const ownCount = finish === 'endToken' ? 1 : 0;
    const isJudged = part === null && finish !== null && this.#isNamed && isWithinPart;
    return isJudged && count > ownCount ? 'afterLoss' : 'next';
  }

  /** Whether the tokens between this chunk and the one before it are of the same part of the answer, so that all are sent. */
  #isWithin(part: 'thought' | 'text' | null): boolean {
    if (this.#sendsAll) return true;
    return part === null ? this.#part === 'text' : part === this.#part;
  }
}
