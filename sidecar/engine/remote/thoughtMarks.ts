import type { NamedToken, OpenAiChunk } from './openAiChunk.ts';
import { thoughtMarks } from './serverProbe.ts';

/**
 * Puts marks around the thought of an answer whose server sends it apart. They go with the tokens beside them, so that no
 * token is counted that the server did not write.
 */
export class ThoughtMarks {
  #isThinking = false;

  /** The tokens of one event, those of its thought first. */
  around(
    tokens: readonly NamedToken[],
    { thought, text }: Pick<OpenAiChunk, 'thought' | 'text'>,
  ): readonly NamedToken[] {
    if (thought !== '' && !this.#isThinking) {
      this.#isThinking = true;
      return withText(tokens, 0, (first) => `${thoughtMarks.opening}\n${first}`);
    }
    if (text !== '' && this.#isThinking && thought === '') {
      this.#isThinking = false;
      return withText(tokens, 0, (first) => `\n${thoughtMarks.closing}\n\n${first}`);
    }
    return tokens;
  }
}

function withText(
  tokens: readonly NamedToken[],
  place: number,
  change: (text: string) => string,
): readonly NamedToken[] {
  return tokens.map((token, at) => (at === place ? { ...token, text: change(token.text) } : token));
}
