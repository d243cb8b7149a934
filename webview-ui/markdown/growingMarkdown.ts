import type { Token } from 'marked';
import { BoundedLexer } from './boundedLexer.ts';
import type { MarkdownBlock } from './markdownTree.ts';
import { blocksOf } from './parseMarkdown.ts';

/**
 * Reads a text that grows at its end. Blocks that no further text can change are kept, the same objects each time, and only
 * the rest is parsed anew. The result is that of `parseMarkdown`.
 */
export class GrowingMarkdown {
  #keptText = '';
  #kept: readonly MarkdownBlock[] = [];

  /** The blocks of the text so far. One that does not begin with what was kept starts over. */
  read(text: string): readonly MarkdownBlock[] {
    const typed = text.replace(/\r\n?/gu, '\n');
    if (!typed.startsWith(this.#keptText)) {
      this.#keptText = '';
      this.#kept = [];
    }
    const rest = typed.slice(this.#keptText.length);
    const tokens: readonly Token[] = new BoundedLexer().lex(rest);
    const settled = tokens.slice(0, settledCount(tokens));
    const settledText = rawOf(settled);
    if (!rest.startsWith(settledText)) return [...this.#kept, ...blocksOf(tokens)];
    this.#keptText += settledText;
    this.#kept = [...this.#kept, ...blocksOf(settled)];
    return [...this.#kept, ...blocksOf(tokens.slice(settled.length))];
  }
}

/**
 * How many of the tokens stay as they are, whatever follows. A blank line has to come after them, and then enough of a block to
 * show that it is a new one: without a blank line a later character may join blocks.
 */
function settledCount(tokens: readonly Token[]): number {
  const last = tokens.findLastIndex(({ type }) => type !== 'space');
  for (let count = last; count > 0; count--) {
    const first = tokens[count]?.raw ?? '';
    const hasBegun = /^\p{L}/u.test(first) || rawOf(tokens.slice(count)).includes('\n');
    const isApart = /\n[ \t]*\n$/u.test(rawOf(tokens.slice(0, count)));
    if (hasBegun && isApart && tokens[count]?.type !== 'space') return count;
  }
  return 0;
}

function rawOf(tokens: readonly Token[]): string {
  return tokens.map(({ raw }) => raw).join('');
}
