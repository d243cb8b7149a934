/** What a line of a program is. A line that begins, is inside of or ends a string of several lines is `string`. */
export type LineKind = 'code' | 'string' | 'comment' | 'blank';

/** How comments of some languages are written. */
export interface CommentStyle {
  /** Begins a comment that goes to the end of its line. */
  readonly line: RegExp;
  /** Whether comments between slashes with stars are known. */
  readonly hasBlocks: boolean;
  /** Marks of strings that may have several lines. */
  readonly longStrings: readonly string[];
  /** Whether a string at the beginning of a body is documentation. */
  readonly hasDocstrings: boolean;
}

const hash = { line: /^#/, hasBlocks: false, longStrings: [], hasDocstrings: false };
const slashes = { line: /^\/\//, hasBlocks: true, longStrings: [], hasDocstrings: false };
const withTemplates = { ...slashes, longStrings: ['`'] };

const styles: readonly (readonly [CommentStyle, string])[] = [
  [{ ...hash, longStrings: ['"""', "'''"], hasDocstrings: true }, 'python'],
  [hash, 'dockerfile makefile perl powershell r ruby shellscript toml yaml'],
  [withTemplates, 'go javascript javascriptreact typescript typescriptreact'],
  [{ ...slashes, longStrings: ['"""'] }, 'java kotlin scala swift'],
  [slashes, 'c cpp csharp css dart less objective-c rust scss'],
  [{ ...slashes, line: /^(?:\/\/|#(?!\[))/ }, 'php'],
  [{ ...hash, line: /^--/ }, 'lua sql'],
];

/** How a language writes comments; null for one that is not known here. */
export function commentStyleOf(languageId: string): CommentStyle | null {
  return styles.find(([, ids]) => ids.split(' ').includes(languageId))?.[0] ?? null;
}

/**
 * What each line of a program is that begins outside of strings and comments. The line of a comment that never ends is code: what
 * follows it may be. Pure.
 */
export function lineKinds(lines: readonly string[], style: CommentStyle): readonly LineKind[] {
  const kinds: LineKind[] = [];
  /** What ends the string or comment that lines are inside of, from which line on. */
  let open: { readonly end: string; readonly kind: 'string' | 'comment'; readonly from: number } | null =
    null;
  // A string before all code documents nothing that is among the lines.
  let lastCode = '';
  for (const [from, line] of lines.entries()) {
    const text = line.trim();
    if (open !== null) {
      const { end, kind } = open;
      const at = text.indexOf(end);
      // What follows the end of a comment is code.
      const isMixed = kind === 'comment' && at >= 0 && text.slice(at + end.length).trim() !== '';
      kinds.push(isMixed ? 'code' : kind);
      if (at >= 0) open = null;
      continue;
    }
    if (text === '') {
      kinds.push('blank');
      continue;
    }
    const comment = wholeLineComment(text, style, lastCode.endsWith(':'));
    if (comment !== null) {
      kinds.push('comment');
      if (comment.openEnd !== null) open = { end: comment.openEnd, kind: 'comment', from };
      continue;
    }
    const end = openString(text, style);
    kinds.push(end === null ? 'code' : 'string');
    if (end !== null) open = { end, kind: 'string', from };
    lastCode = withoutComment(line, style).trimEnd();
  }
  if (open?.kind !== 'comment') return kinds;
  return [...kinds.slice(0, open.from), 'code', ...lineKinds(lines.slice(open.from + 1), style)];
}

/** A line of code without the comment at its end. One whose strings have the mark of a comment may lose too much. Pure. */
export function withoutComment(line: string, style: CommentStyle): string {
  const at = /\s(?:#|\/\/|--|\/\*)/.exec(line);
  if (at === null) return line;
  const mark = line.slice(at.index).trimStart();
  const isMark = style.line.test(mark) || (style.hasBlocks && /^\/\*(?:(?!\*\/).)*\*\/$/.test(mark));
  return isMark ? line.slice(0, at.index).trimEnd() : line;
}

/** Whether a line is nothing but comment, and what ends it where it goes on; null for code. */
function wholeLineComment(
  text: string,
  { line, hasBlocks, longStrings, hasDocstrings }: CommentStyle,
  isBodyStart: boolean,
): { readonly openEnd: string | null } | null {
  if (line.test(text)) return { openEnd: null };
  if (hasBlocks && text.startsWith('/*')) return openedBy(text.slice(2), '*/');
  if (!hasDocstrings || !isBodyStart) return null;
  const bare = text.replace(/^[rRuU]/, '');
  const mark = longStrings.find((one) => bare.startsWith(one));
  return mark === undefined ? null : openedBy(bare.slice(mark.length), mark);
}

function openedBy(rest: string, end: string): { readonly openEnd: string | null } | null {
  const at = rest.indexOf(end);
  if (at === -1) return { openEnd: end };
  return rest.slice(at + end.length).trim() === '' ? { openEnd: null } : null;
}

/** What ends a string that a line of code leaves open; null where it leaves none. */
function openString(text: string, { longStrings }: CommentStyle): string | null {
  const isOdd = (mark: string): boolean => text.replaceAll(`\\${mark}`, '').split(mark).length % 2 === 0;
  return longStrings.find(isOdd) ?? null;
}
