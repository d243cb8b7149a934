import type { AssumedText, DocumentRange } from '../../protocol/messages.ts';
import { toLineFeeds } from '../../protocol/toLineFeeds.ts';
import { linesOf } from './documentLines.ts';
import { lineCountOf, selectedLines } from './editRange.ts';
import { type Hunk, type HunkAnchor, hunkOf, movedAnchor, placeHunk } from './hunkAnchor.ts';

/** Where selected code is by now. */
export type SelectionPlace =
  | { readonly type: 'found'; readonly range: DocumentRange }
  | { readonly type: 'lost'; readonly why: 'changed' | 'ambiguous' };

/** A part of a document, with the text of the whole. */
export interface SelectedPart {
  readonly code: string;
  readonly text: string;
  readonly range: DocumentRange;
}

/** Selected code, followed through every change of its document since. Its lines are followed as those of a proposed edit are. */
export class FollowedSelection {
  readonly #code: string;
  readonly #base: readonly string[];
  readonly #range: DocumentRange;
  readonly #hunk: Hunk;
  #anchor: HunkAnchor;

  constructor({ code, text, range }: SelectedPart) {
    const lines = selectedLines(range);
    this.#code = toLineFeeds(code);
    this.#base = linesOf(text);
    this.#range = range;
    this.#hunk = hunkOf({ start: lines.first, removed: lineCountOf(lines), added: [] }, this.#base, 0);
    this.#anchor = { line: lines.first, isTouched: false };
  }

  /** Takes up changes of the document, in the order in which they were made. */
  follow(changes: readonly AssumedText[]): void {
    for (const change of changes) this.#anchor = movedAnchor(this.#anchor, this.#hunk.removed, change);
  }

  /** From now on the document changes unseen: only its text can say where the code is. */
  lose(): void {
    this.#anchor = null;
  }

  placeIn(lines: readonly string[]): SelectionPlace {
    const place = placeHunk(this.#hunk, this.#anchor, { base: this.#base, lines });
    if (place.type === 'refused') return this.#byText(lines);
    const { start, end } = this.#range;
    const shift = place.line - this.#hunk.start;
    const range = {
      start: { ...start, line: start.line + shift },
      end: { ...end, line: end.line + shift },
    };
    return { type: 'found', range };
  }

  /**
   * Code that was cut and pasted elsewhere, or is a part of a line that changed: only text that was there once is surely the same, and
   * only where what is around it begins and ends as it did.
   */
  #byText(lines: readonly string[]): SelectionPlace {
    const code = this.#code;
    const [before, text] = [this.#base.join('\n'), lines.join('\n')];
    const start = text.indexOf(code);
    if (start >= 0 && !isOnce(text, code)) return { type: 'lost', why: 'ambiguous' };
    const isSame = start >= 0 && isOnce(before, code) && isApart(code, before, text);
    if (!isSame) return { type: 'lost', why: 'changed' };
    const end = start + code.length;
    return { type: 'found', range: { start: positionAt(text, start), end: positionAt(text, end) } };
  }
}

/** Whether code that is in both texts begins and ends lines in the second where it does in the first, and cuts no word there. */
function isApart(code: string, first: string, second: string): boolean {
  const [was, is] = [aroundIn(first, code), aroundIn(second, code)];
  const beginsLine = was.before.trim() !== '' || is.before.trim() === '';
  const endsLine = code.endsWith('\n') || was.after.trim() !== '' || is.after.trim() === '';
  const cutsWord = /\w$/u.test(is.before) && /^\w/u.test(code);
  const cutsLastWord = /\w$/u.test(code) && /^\w/u.test(is.after);
  return beginsLine && endsLine && !cutsWord && !cutsLastWord;
}

/** What is on the lines that code begins and ends in, before and after it. */
function aroundIn(text: string, code: string): { readonly before: string; readonly after: string } {
  const start = text.indexOf(code);
  const end = start + code.length;
  const lineEnd = text.indexOf('\n', end);
  return {
    before: text.slice(text.lastIndexOf('\n', start - 1) + 1, start),
    after: text.slice(end, lineEnd < 0 ? undefined : lineEnd),
  };
}

function isOnce(text: string, part: string): boolean {
  return text.indexOf(part) === text.lastIndexOf(part);
}

function positionAt(text: string, offset: number): DocumentRange['start'] {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}
