import type { NamedToken, OpenAiChunk } from './openAiChunk.ts';
import { apartThought } from './serverProbe.ts';

/**
 * Puts marks around the thought of an answer whose server sends it apart. They go with the tokens beside them, so that no
 * token is counted that the server did not write.
 */
export class ThoughtMarks {
  #isThinking: boolean;

  /** `begun` is the part of the answer that the server was given. */
  constructor(begun: string) {
    const { open, close } = apartThought;
    this.#isThinking = begun.lastIndexOf(open.trimEnd()) > begun.lastIndexOf(close);
  }

  /** The tokens of one event, those of its thought first. */
  around(
    tokens: readonly NamedToken[],
    { thought, text }: Pick<OpenAiChunk, 'thought' | 'text'>,
  ): readonly NamedToken[] {
    let marked = tokens;
    if (thought !== '' && !this.#isThinking) {
      this.#isThinking = true;
      marked = withText(marked, 0, (first) => `${apartThought.open}${first}`);
    }
    if (text !== '' && this.#isThinking) {
      this.#isThinking = false;
      marked = withText(marked, firstAfter(tokens, thought), (first) => `${apartThought.closing}${first}`);
    }
    return marked;
  }
}

/** Place of the first token that is not of the thought. */
function firstAfter(tokens: readonly NamedToken[], thought: string): number {
  let length = 0;
  const place = tokens.findIndex((token) => (length += token.text.length) > thought.length);
  return Math.max(0, place);
}

function withText(
  tokens: readonly NamedToken[],
  place: number,
  change: (text: string) => string,
): readonly NamedToken[] {
  return tokens.map((token, at) => (at === place ? { ...token, text: change(token.text) } : token));
}
