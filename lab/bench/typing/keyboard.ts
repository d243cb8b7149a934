/** A change of a document as an editor reports it: `removed` characters from `offset` are replaced by a text. */
export interface Edit {
  readonly offset: number;
  readonly removed: number;
  readonly inserted: string;
}

export type ArrowKey = 'up' | 'down' | 'left' | 'right' | 'end';

const pairs: Readonly<Record<string, string>> = {
  '(': ')',
  '[': ']',
  '{': '}',
  '"': '"',
  "'": "'",
  '`': '`',
};
const isQuote = (key: string): boolean => pairs[key] === key;
const wordCharacter = /[\p{L}\p{N}_]/u;
/** Where VS Code closes a pair: before these, or at the end of a line. */
const beforeWhichPairsClose = /^(?:[\s)\]}:;,=]|$)/u;

/**
 * An editor's document and cursor, changed by keys as VS Code's default settings do: brackets and quotes are closed, a
 * closer that was put there is typed over, and Enter indents. Pure but for its own state; line ends are `\n`.
 */
export class Keyboard {
  #text: string;
  #offset = 0;
  readonly #indent: string;
  /** Closers that were put right after the cursor, the nearest last. */
  #closers: string[] = [];

  constructor(text: string, indent: string) {
    this.#text = text;
    this.#indent = indent;
  }

  get text(): string {
    return this.#text;
  }

  get offset(): number {
    return this.#offset;
  }

  /** Zero-based, as LSP counts. */
  get position(): { readonly line: number; readonly character: number } {
    const lines = this.#text.slice(0, this.#offset).split('\n');
    return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
  }

  /** Types a character; null where it only moves the cursor over a closer. `\n` is Enter. */
  type(key: string): Edit | null {
    if (key === '\n') return this.#enter();
    if (this.#closers.at(-1) === key && this.#text[this.#offset] === key) {
      this.#closers.pop();
      this.#offset += 1;
      return null;
    }
    const closer = this.#closerOf(key);
    const edit = this.#replace(0, key + closer);
    this.#offset -= closer.length;
    if (closer !== '') this.#closers.push(closer);
    return edit;
  }

  /** Deletes the character before the cursor, and with an opener the closer that was put there for it. */
  back(): Edit | null {
    if (this.#offset === 0) return null;
    const closer = pairs[this.#text[this.#offset - 1] ?? ''];
    const isPair = closer !== undefined && this.#closers.at(-1) === closer;
    if (isPair) this.#closers.pop();
    this.#offset -= 1;
    return this.#replace(isPair ? 2 : 1, '');
  }

  move(key: ArrowKey): void {
    this.#closers = [];
    const { line, character } = this.position;
    switch (key) {
      case 'left':
        this.#offset = Math.max(0, this.#offset - 1);
        return;
      case 'right':
        this.#offset = Math.min(this.#text.length, this.#offset + 1);
        return;
      case 'up':
        this.#goTo(line - 1, character);
        return;
      case 'down':
        this.#goTo(line + 1, character);
        return;
      case 'end':
        this.#goTo(line, Infinity);
        return;
    }
  }

  /** Puts the cursor where `|` is in a piece of the document. Throws where the document has no such piece, or several. */
  jump(place: string): void {
    const at = place.indexOf('|');
    const piece = place.slice(0, at) + place.slice(at + 1);
    const start = this.#text.indexOf(piece);
    if (at < 0 || start < 0 || this.#text.indexOf(piece, start + 1) >= 0)
      throw new Error(`A trace jumps to a place that is not in its document, or more than once: ${place}`);
    this.#closers = [];
    this.#offset = start + at;
  }

  #enter(): Edit {
    const before = this.#text.slice(this.#text.lastIndexOf('\n', this.#offset - 1) + 1, this.#offset);
    const indent = /^[ \t]*/.exec(before)?.[0] ?? '';
    const opener = before.trimEnd().at(-1) ?? '';
    const opens = ['(', '[', '{', ':'].includes(opener);
    const inner = `\n${indent}${opens ? this.#indent : ''}`;
    const closer = pairs[opener];
    const closesRightAfter = closer !== undefined && closer === this.#text[this.#offset];
    this.#closers = [];
    const rest = closesRightAfter ? `\n${indent}` : '';
    const edit = this.#replace(0, inner + rest);
    this.#offset -= rest.length;
    return edit;
  }

  #closerOf(key: string): string {
    const closer = pairs[key];
    if (closer === undefined || !beforeWhichPairsClose.test(this.#text.slice(this.#offset, this.#offset + 1)))
      return '';
    const before = this.#text[this.#offset - 1] ?? '';
    return isQuote(key) && (wordCharacter.test(before) || before === key) ? '' : closer;
  }

  #replace(removed: number, inserted: string): Edit {
    const edit = { offset: this.#offset, removed, inserted };
    this.#text = this.#text.slice(0, edit.offset) + inserted + this.#text.slice(edit.offset + removed);
    this.#offset += inserted.length;
    return edit;
  }

  #goTo(line: number, character: number): void {
    const lines = this.#text.split('\n');
    const row = Math.min(Math.max(0, line), lines.length - 1);
    const before = lines.slice(0, row).reduce((sum, { length }) => sum + length + 1, 0);
    this.#offset = before + Math.min(character, lines[row]?.length ?? 0);
  }
}
