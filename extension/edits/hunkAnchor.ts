import type { AssumedText } from '../../protocol/messages.ts';
import type { LineChange } from './documentLines.ts';

/** Lines before and after a hunk that it is found again by. */
const contextLines = 3;

/** One change of a proposed edit, with the lines that it was made for. `start` counts lines of the document as it was then. */
export interface Hunk extends LineChange {
  readonly id: number;
  /** What it replaces; empty for lines that are only added. */
  readonly old: readonly string[];
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/**
 * Where a hunk is by now, followed through every change of the document: its first line, and whether a change reached into
 * it. Null once a change replaced more than the hunk, so that nobody knows which line was which.
 */
export type HunkAnchor = { readonly line: number; readonly isTouched: boolean } | null;

export type Placement =
  | { readonly type: 'placed'; readonly line: number }
  /** `changed`: its lines are not as they were. `ambiguous`: several places have them. */
  | { readonly type: 'refused'; readonly why: 'changed' | 'ambiguous' };

/** A change as a hunk of a document with these lines. Pure. */
export function hunkOf(change: LineChange, lines: readonly string[], id: number): Hunk {
  const end = change.start + change.removed;
  return {
    ...change,
    id,
    old: lines.slice(change.start, end),
    before: lines.slice(Math.max(0, change.start - contextLines), change.start),
    after: lines.slice(end, end + contextLines),
  };
}

/** An anchor after a change of the document, for a hunk that replaces so many lines. Pure. */
export function movedAnchor(anchor: HunkAnchor, lineCount: number, { range, text }: AssumedText): HunkAnchor {
  if (anchor === null) return null;
  const { line } = anchor;
  const { start, end } = range;
  const shift = breaksIn(text) - (end.line - start.line);
  const endsAtLine =
    end.line === line &&
    end.character === 0 &&
    (endsWithBreak(text) || (text === '' && start.character === 0 && start.line < line));
  // Lines put exactly where a hunk only adds some: which come first is the user's to say.
  const isSamePlace = lineCount === 0 && endsAtLine && start.line === line && start.character === 0;
  if (isSamePlace) return { line, isTouched: true };
  // Added lines have but the lines beside them to belong to: these are gone, or joined with others.
  const reachesBeside =
    start.line <= line && (end.line >= line || (end.line === line - 1 && end.character > 0));
  const losesBeside = lineCount === 0 && start.line < end.line && reachesBeside;
  const isTouched = anchor.isTouched || losesBeside;
  if (end.line < line || endsAtLine) return { line: line + shift, isTouched };
  if (start.line >= line + Math.max(1, lineCount)) return anchor;
  if (start.line < line) return null;
  // A change within the line that added lines go before leaves their place as it is.
  return { line, isTouched: isTouched || lineCount > 0 };
}

/**
 * Where a hunk belongs in the lines of the document now. Pure. By its anchor where its lines are there unchanged; without an
 * anchor by its lines and those around it, if they are in the document once, then and now.
 */
export function placeHunk(
  hunk: Hunk,
  anchor: HunkAnchor,
  { base, lines }: { readonly base: readonly string[]; readonly lines: readonly string[] },
): Placement {
  if (anchor !== null) {
    const isThere = hasAt(lines, hunk.old, anchor.line) && anchor.line + hunk.removed <= lines.length;
    const isSame = hunk.removed > 0 || !anchor.isTouched || isBetweenItsLines(hunk, lines, anchor.line);
    return isThere && isSame ? { type: 'placed', line: anchor.line } : { type: 'refused', why: 'changed' };
  }
  const { before, old, after } = hunk;
  const needles = [
    { text: [...before, ...old, ...after], lead: before.length },
    ...(old.length === 0
      ? []
      : [
          { text: [...before, ...old], lead: before.length },
          { text: [...old, ...after], lead: 0 },
        ]),
  ];
  for (const { text, lead } of needles) {
    const found = placesOf(text, lines);
    const [place] = found;
    if (place === undefined) continue;
    const isOnlyOne = found.length === 1 && placesOf(text, base).length === 1;
    return isOnlyOne ? { type: 'placed', line: place + lead } : { type: 'refused', why: 'ambiguous' };
  }
  return { type: 'refused', why: 'changed' };
}

function isBetweenItsLines({ before, after }: Hunk, lines: readonly string[], line: number): boolean {
  return line >= before.length && hasAt(lines, [...before, ...after], line - before.length);
}

function placesOf(text: readonly string[], lines: readonly string[]): readonly number[] {
  const last = lines.length - text.length;
  return Array.from({ length: Math.max(0, last + 1) }, (_, line) => line).filter((line) =>
    hasAt(lines, text, line),
  );
}

function hasAt(lines: readonly string[], text: readonly string[], at: number): boolean {
  return text.every((line, index) => lines[at + index] === line);
}

function breaksIn(text: string): number {
  return text.match(/\r\n|\r|\n/gu)?.length ?? 0;
}

function endsWithBreak(text: string): boolean {
  return text.endsWith('\n') || text.endsWith('\r');
}
