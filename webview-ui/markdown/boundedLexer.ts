import { Lexer, Tokenizer, type Token, type Tokens } from 'marked';
import { formulaAt, openFormulaEnd } from './formula.ts';

/** Blocks or spans within each other, at most: `marked` recurses. Deeper ones stay text, as typed. */
const maxDepth = 12;
/**
 * UTF-16 units of one paragraph, cell or heading that are looked through for spans: its delimiters are matched in
 * quadratic time. A longer one stays text, as typed.
 */
const maxInlineLength = 8000;

/**
 * Marked's lexer, bounded so that no text can hang the page. HTML and link definitions stay text, as typed. A formula in
 * LaTeX's brackets is one `escape` token, which `formulaIn` takes apart.
 */
export class BoundedLexer extends Lexer {
  constructor() {
    super({ gfm: true, tokenizer: new BoundedTokenizer() });
  }

  override inlineTokens(src: string, tokens: Token[] = []): Token[] {
    if (src.length <= maxInlineLength) return super.inlineTokens(src, tokens);
    tokens.push({ type: 'text', raw: src, text: src });
    return tokens;
  }
}

class BoundedTokenizer extends Tokenizer {
  #depth = 0;

  override html(): undefined {
    return undefined;
  }

  override tag(): undefined {
    return undefined;
  }

  override def(): undefined {
    return undefined;
  }

  override escape(src: string): Tokens.Escape | undefined {
    const formula = formulaAt(src);
    if (formula !== null) return { type: 'escape', raw: formula, text: formula };
    const escape = super.escape(src);
    return escape !== undefined && '()[]'.includes(escape.text) ? { ...escape, text: escape.raw } : escape;
  }

  /** A line of a formula that begins with a minus starts no list: the paragraph goes on to the formula's end. */
  override paragraph(src: string): Tokens.Paragraph | undefined {
    const found = super.paragraph(src);
    const end = found === undefined ? null : openFormulaEnd(src, found.raw.length);
    if (end === null) return found;
    const text = src.slice(0, end);
    return { type: 'paragraph', raw: text, text, tokens: this.lexer.inline(text) };
  }

  /** Nor does an equals sign on a line of its own make a heading of the line above it. */
  override lheading(src: string): Tokens.Heading | undefined {
    const found = super.lheading(src);
    return found === undefined || openFormulaEnd(src, found.raw.length) !== null ? undefined : found;
  }

  override blockquote(src: string): Tokens.Blockquote | undefined {
    return this.#within(() => super.blockquote(src));
  }

  override list(src: string): Tokens.List | undefined {
    return this.#within(() => super.list(src));
  }

  override emStrong(
    src: string,
    maskedSrc: string,
    prevChar?: string,
  ): Tokens.Em | Tokens.Strong | undefined {
    return this.#within(() => super.emStrong(src, maskedSrc, prevChar));
  }

  override del(src: string, maskedSrc: string, prevChar?: string): Tokens.Del | undefined {
    return this.#within(() => super.del(src, maskedSrc, prevChar));
  }

  /** `marked` 18 cuts a link short whose address begins with blanks and has a bracket after it: that one stays text. */
  override link(src: string): Tokens.Link | Tokens.Image | undefined {
    const found = this.#within(() => super.link(src));
    return found === undefined || closesItsBrackets(found.raw) ? found : undefined;
  }

  #within<Found>(tokenize: () => Found | undefined): Found | undefined {
    if (this.#depth >= maxDepth) return undefined;
    this.#depth++;
    try {
      return tokenize();
    } finally {
      this.#depth--;
    }
  }
}

/** Whether the brackets around the address of a link are closed at its end, those in the address included. */
function closesItsBrackets(link: string): boolean {
  const address = link.slice(link.lastIndexOf('](') + 1).replaceAll(/\\[()]/gu, '');
  const count = (bracket: string): number => address.split(bracket).length - 1;
  return address.endsWith(')') && count('(') === count(')');
}
