import { toLineFeeds } from '../../protocol/toLineFeeds.ts';
import { splitsPair, takeWindow, type WindowLimits } from './textWindow.ts';

/** What lies around a cursor, with line ends as `\n`: all that prompts and stop rules look at. */
export interface CursorContext {
  /** Text before the cursor, as much as the limits allow. */
  readonly before: string;
  readonly after: string;
  /**
   * The run of characters straight before the cursor that tokens may span with what follows: a word, punctuation or
   * blanks, never a line end. It is left out of the prompt and generated again (token healing).
   */
  readonly regenerated: string;
  /** Whether the generated text must begin with `regenerated`. */
  readonly mustRegenerate: boolean;
  /** The part of the cursor's line before it, and the part after it. */
  readonly lineBefore: string;
  readonly lineAfter: string;
  /** The document's own line end, which completions take over. */
  readonly lineEnd: '\n' | '\r\n';
  /** The cursor is between the two halves of one character, such as an emoji. */
  readonly splitsCharacter: boolean;
}

/** Longest run before the cursor that is generated again, in UTF-16 code units. */
const longestRun = 32;
/** At most so much of the cursor's line is looked at to find where tokens begin. */
const lineReach = 512;
/** A word or a run of punctuation with the blank before it, or blanks alone. */
const runAtEnd = /(?:[ \t]?[\p{L}\p{M}\p{N}_$]+|[ \t]?[^\p{L}\p{M}\p{N}_$\s\p{Cs}]+|[ \t]+)$/u;

/**
 * The pieces that no token spans, as Qwen's and Llama's tokenizers cut a line: a word has the one character before it. Other
 * vocabularies have these borders, too, and more.
 */
const piecesOfLine =
  /[^\p{L}\p{M}\p{N}\p{Cs}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}\p{Cs}]+|\s+(?!\S)|\s+/gu;

/**
 * `healing` decides what is generated again: `run`, or `blank` for the single blank before the cursor, which the text need
 * not begin with. The latter is there to be compared with.
 */
export type Healing = 'run' | 'blank';

/** How much of a document is looked at, and how. */
export interface ContextLimits extends WindowLimits {
  /** `run` when absent. */
  readonly healing?: Healing;
}

export function cursorContext(
  text: string,
  offset: number,
  { healing = 'run', ...limits }: ContextLimits,
): CursorContext {
  const window = takeWindow(text, offset, limits);
  const before = toLineFeeds(window.before);
  const after = toLineFeeds(window.after);
  const lineBefore = before.slice(before.lastIndexOf('\n') + 1);
  return {
    before,
    after,
    regenerated: healing === 'run' ? regeneratedRun(lineBefore) : (/[ \t]$/.exec(lineBefore)?.[0] ?? ''),
    mustRegenerate: healing === 'run',
    lineBefore,
    lineAfter: after.split('\n', 1)[0] ?? '',
    lineEnd: lineEndAt(text, offset),
    splitsCharacter: splitsPair(text, offset),
  };
}

/**
 * The run at the end of a line, and what is before it of the piece that it begins in: of `(na` the bracket, too, since
 * `(name` may be one token.
 */
function regeneratedRun(line: string): string {
  const [run = ''] = runAtEnd.exec(line.slice(-longestRun)) ?? [];
  const reached = line.slice(-lineReach);
  const runStart = reached.length - run.length;
  const piece = [...reached.matchAll(piecesOfLine)].findLast(({ index }) => index <= runStart);
  const extended = run === '' ? '' : reached.slice(piece?.index ?? runStart);
  return extended.length <= longestRun ? extended : run;
}

/** Generated text from the cursor on: without what was generated again, and nothing until that is complete. */
export function fromCursor(generated: string, { regenerated, mustRegenerate }: CursorContext): string {
  if (generated.startsWith(regenerated)) return generated.slice(regenerated.length);
  return mustRegenerate ? '' : generated;
}

/** Whether word characters are on both sides of the cursor. */
export function isInsideWord(context: CursorContext): boolean {
  return /[\p{L}\p{N}_$]$/u.test(context.lineBefore) && wordAtStart(context.lineAfter) !== '';
}

/**
 * Whether a text begins with the rest of the word that the cursor is in, which follows it already: the word lacks nothing,
 * and the text would write its end twice. Always false where there are not word characters on both sides.
 */
export function repeatsWord(text: string, context: CursorContext): boolean {
  return isInsideWord(context) && wordAtStart(text) === wordAtStart(context.lineAfter);
}

function wordAtStart(text: string): string {
  return /^[\p{L}\p{N}_$]+/u.exec(text)?.[0] ?? '';
}

/** That of the line above, or of the cursor's line if it is the first; `\n` in a text of one line. */
function lineEndAt(text: string, offset: number): '\n' | '\r\n' {
  const above = offset > 0 ? text.lastIndexOf('\n', offset - 1) : -1;
  const at = above < 0 ? text.indexOf('\n', offset) : above;
  return text[at - 1] === '\r' ? '\r\n' : '\n';
}
