import type { AssumedText, DocumentPosition } from '../../../protocol/messages.ts';
import type { RangeEdit } from '../../../protocol/edit.ts';
import { type LineEnd, linesOf } from '../../../extension/edits/documentLines.ts';

/** A document as an editor has it: one kind of line end, also in what is put into it, and every change reported. */
export class EditedDocument {
  readonly lineEnd: LineEnd;
  #text: string;

  constructor(text: string) {
    this.#text = text;
    this.lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  }

  get text(): string {
    return this.#text;
  }

  get lines(): readonly string[] {
    return linesOf(this.#text);
  }

  /** Makes one undo step of edits that do not overlap, and returns the changes in the order in which VS Code reports them. */
  apply(edits: readonly RangeEdit[]): readonly AssumedText[] {
    const fromEnd = edits
      .map(({ range, newText }) => ({ range, text: newText }))
      .toSorted((a, b) => this.#offsetOf(b.range.start) - this.#offsetOf(a.range.start));
    for (const { range, text } of fromEnd) {
      const [start, end] = [this.#offsetOf(range.start), this.#offsetOf(range.end)];
      if (start > end) throw new Error('A range ends before it starts.');
      const inserted = linesOf(text).join(this.lineEnd);
      this.#text = this.#text.slice(0, start) + inserted + this.#text.slice(end);
    }
    return fromEnd;
  }

  #offsetOf({ line, character }: DocumentPosition): number {
    const before = this.lines.slice(0, line);
    const own = this.lines[line];
    if (own === undefined || character > own.length)
      throw new Error(`There is nothing at ${line}:${character}.`);
    return before.reduce((sum, { length }) => sum + length + this.lineEnd.length, character);
  }
}
