import { type CursorWindow, windowReach } from '../../../extension/inlineCompletion/cursorWindow.ts';
import { toLineFeeds } from '../../../protocol/toLineFeeds.ts';

const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '"': '"', "'": "'" };

/** A text and a cursor that change as they do in VS Code: pairs close themselves, closers are typed over, Enter indents. */
export class TypingEditor {
  readonly #uri: string;
  readonly #languageId: string;
  readonly #lineEnd: string;
  #before: string;
  #after: string;
  /** Closers that the editor has added and that may be typed over. */
  #pending = 0;

  /** The cursor is at `|`. */
  constructor(
    marked: string,
    {
      uri = 'file:///a.ts',
      languageId = 'typescript',
    }: { readonly uri?: string; readonly languageId?: string } = {},
  ) {
    const [before = '', after = ''] = marked.split('|');
    this.#uri = uri;
    this.#languageId = languageId;
    this.#lineEnd = marked.includes('\r\n') ? '\r\n' : '\n';
    this.#before = before;
    this.#after = after;
  }

  get text(): string {
    return this.#before + this.#after;
  }

  /** With the cursor at `|`. */
  get marked(): string {
    return `${this.#before}|${this.#after}`;
  }

  get window(): CursorWindow {
    const lines = this.#before.split(this.#lineEnd);
    return {
      uri: this.#uri,
      languageId: this.#languageId,
      position: { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 },
      assumed: null,
      before: toLineFeeds(this.#before.slice(-windowReach.before)),
      after: toLineFeeds(this.#after.slice(0, windowReach.after)),
    };
  }

  /** The window while an entry of the list of suggestions is selected, which replaces so many units before the cursor. */
  selecting(entry: string, replaced: number): CursorWindow {
    const { window } = this;
    const { line, character } = window.position;
    const start = { line, character: character - replaced };
    return {
      ...window,
      assumed: { range: { start, end: window.position }, text: entry },
      before: window.before.slice(0, window.before.length - replaced) + entry,
    };
  }

  /** One key after the other; `\n` is Enter. Calls back after each. */
  type(keys: string, afterKey: () => void = () => undefined): this {
    for (const key of keys) {
      this.#key(key);
      afterKey();
    }
    return this;
  }

  backspace(): this {
    const isPair = this.#pending > 0 && closers[this.#before.slice(-1)] === this.#after.slice(0, 1);
    if (isPair) {
      this.#after = this.#after.slice(1);
      this.#pending -= 1;
    }
    const length = this.#before.endsWith('\r\n') ? 2 : 1;
    this.#before = this.#before.slice(0, -length);
    return this;
  }

  /** Moves the cursor by so many units. */
  move(by: number): this {
    const { text } = this;
    const at = this.#before.length + by;
    this.#before = text.slice(0, at);
    this.#after = text.slice(at);
    this.#pending = 0;
    return this;
  }

  /** Accepts ghost text, or so much of its beginning. */
  accept({ text, replacedLength = 0 }: { readonly text: string; readonly replacedLength?: number }): this {
    this.#before += text.replaceAll('\n', this.#lineEnd);
    this.#after = this.#after.slice(replacedLength);
    return this;
  }

  #key(key: string): void {
    if (this.#pending > 0 && this.#after.startsWith(key)) {
      this.#before += key;
      this.#after = this.#after.slice(1);
      this.#pending -= 1;
    } else if (key === '\n') this.#enter();
    else {
      this.#before += key;
      const closer = closers[key];
      if (closer === undefined || !/^(?:[\s)\]};,]|$)/.test(this.#after)) return;
      this.#after = closer + this.#after;
      this.#pending += 1;
    }
  }

  #enter(): void {
    const line = this.#before.slice(this.#before.lastIndexOf('\n') + 1);
    const indent = /^[ \t]*/.exec(line)?.[0] ?? '';
    const opened = /[({[]$/.test(line);
    const isBetween = opened && closers[line.slice(-1)] === this.#after.slice(0, 1);
    if (isBetween) {
      this.#after = this.#lineEnd + indent + this.#after;
      this.#pending = 0;
    }
    this.#before += this.#lineEnd + indent + (opened ? '  ' : '');
  }
}
