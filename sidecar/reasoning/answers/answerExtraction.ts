import { type Answer, lastNumberIn, parseValue } from './answerValue.ts';
import { fencedBlocks, hasOpenFence } from './codeFence.ts';
import { lastBoxed } from './latexMarkup.ts';

/**
 * The answer in a text that is an answer, such as what follows `Final answer:`. A code block comes before a box,
 * a box before the first line that is a value. Null when there is none. Pure.
 */
export function parseAnswer(text: string): Answer | null {
  const [block] = fencedBlocks(text);
  if (block !== undefined) return codeAnswer(block);
  if (hasOpenFence(text)) return null;
  const boxed = lastBoxed(text);
  if (boxed !== null) return parseValue(boxed);
  for (const line of text.split('\n')) {
    const value = parseValue(line);
    if (value !== null) return value;
  }
  return null;
}

/** Whether an answer that is being written has all it needs: it parses and no code block is open. */
export function isWholeAnswer(text: string): boolean {
  return !hasOpenFence(text) && parseAnswer(text) !== null;
}

/** Where an answer is said to follow, most explicit first. The last occurrence in a text counts. */
const announcements: readonly RegExp[] = [
  /final\s+answer\s*(?:is\s*)?[*_]*\s*[:：=]?[*_]*/gi,
  /####/g,
  /\banswer\s*(?:is|[:：=])[*_]*\s*[:：]?[*_]*/gi,
];

/** Words that begin a sentence which draws the sum. */
const conclusion = /^[\s*_>-]*(?:so|thus|therefore|hence|altogether|finally|in total|in all|this means)\b/i;

/**
 * The answer in a text written freely: an announced one, else a boxed one, the only code block, the only line, or
 * the number that a closing sentence ends with. Null for prose that answers nothing of the kind. Pure.
 */
export function extractAnswer(text: string): Answer | null {
  return announcedAnswer(text) ?? boxedAnswer(text) ?? wholeAnswer(text) ?? concludedAnswer(text);
}

/** Whether a text that is being written has its answer marked, by words or a box, and no block of code is open. Pure. */
export function statesAnswer(text: string): boolean {
  return !hasOpenFence(text) && (announcedAnswer(text) ?? boxedAnswer(text)) !== null;
}

function announcedAnswer(text: string): Answer | null {
  for (const announcement of announcements) {
    const last = [...text.matchAll(announcement)].filter(({ index }) => announces(text, index)).at(-1);
    if (last === undefined) continue;
    const answer = parseAnswer(text.slice(last.index + last[0].length));
    if (answer !== null) return answer;
  }
  return null;
}

/**
 * Whether words at this place announce an answer. Within a code block they are part of the code, such as of what it
 * prints, unless they begin a line: a fence may have been left open. Pure.
 */
export function announces(text: string, index: number): boolean {
  const before = text.slice(0, index);
  return !hasOpenFence(before) || /(?:^|\n)[\s*_]*$/.test(before);
}

function boxedAnswer(text: string): Answer | null {
  const boxed = lastBoxed(text);
  return boxed === null ? null : parseValue(boxed);
}

function wholeAnswer(text: string): Answer | null {
  const [block, ...others] = fencedBlocks(text);
  if (block !== undefined && others.length === 0) return codeAnswer(block);
  const trimmed = text.trim();
  return trimmed.includes('\n') ? null : parseValue(trimmed);
}

function concludedAnswer(text: string): Answer | null {
  const sentences = text.split(/(?<=[.!?])\s+|\n+/).filter((sentence) => sentence.trim() !== '');
  const last = sentences.at(-1);
  if (last === undefined || !(conclusion.test(last) || last.includes('='))) return null;
  return lastNumberIn(last);
}

/** Line ends made equal and trailing space dropped: what is left decides whether two candidates wrote the same. Pure. */
export function codeAnswer(code: string): Answer {
  const canonical = code
    .replace(/\r\n?/g, '\n')
    .replace(/[ \t]+$/gm, '')
    .replace(/^\n+|\n+$/g, '');
  return { kind: 'code', canonical };
}
