import { firstBlock } from '../reasoning/answers/codeFence.ts';
import { isWritten } from './ownLines.ts';
import { closedLines } from './closedLines.ts';

/** Tests that are asked for at most. Our choice: small models repeat themselves after a few. */
export const mostTests = 5;

/** So many lines in a row that differ in their values alone are one that is repeated. Our choice: good tests have fewer. */
const repeatedLines = 8;
/** So many of them are kept. */
const keptLines = 5;

/** Whether the tests of an answer have come to one more than is wanted, or repeat themselves: no others are of use. Pure. */
export function hasEnoughTests(answer: string): boolean {
  return cutOf(firstBlock(answer)?.text.split('\n') ?? []) !== null;
}

/**
 * The tests that are wanted: those before the first that is one too many or has the name of another, and before a line that is
 * repeated over and over. The last one is left out where the model did not end it. What is open around them is closed. Empty where
 * none is left. Pure.
 */
export function fewTests(code: string, { isWhole }: { readonly isWhole: boolean }): string {
  const lines = code.split('\n');
  const cut = cutOf(lines) ?? (isWhole ? null : (testPlaces(lines).at(-1)?.line ?? 0));
  if (cut === null) return code;
  const places = testPlaces(lines.slice(0, cut)).map(({ line }) => line);
  // A list that is repeated on and on is of no use without what the test does with it: the test is left out.
  for (const end of [cut, places.at(-1) ?? 0]) {
    if (!places.some((line) => line < end)) return '';
    const kept = closedLines(withoutHead(lines.slice(0, end)));
    if (kept !== null) return kept.join('\n');
  }
  return '';
}

/** How many lines are before what is not wanted; null where all is. */
function cutOf(lines: readonly string[]): number | null {
  const places = testPlaces(lines);
  const [first] = places;
  if (first === undefined) return null;
  const names = places.map(({ name }) => name);
  const extra = places.find(({ name }, index) => index >= mostTests || names.indexOf(name) < index);
  const run = repeatedFrom(lines, first.line);
  const cuts = [extra?.line, run].filter((line) => line !== undefined);
  return cuts.length === 0 ? null : Math.min(...cuts);
}

/** The beginning of a test in Python, JavaScript, TypeScript or Go. No others are known. */
const testHead =
  /^\s*(?:(?:async\s+)?def\s+(test\w*)|(?:it|test)(?:\.\w+)*\s*\(\s*(["'`].*?["'`])\s*,|func\s+(Test\w+))/;

function testPlaces(lines: readonly string[]): readonly { readonly line: number; readonly name: string }[] {
  return lines.flatMap((text, line) => {
    const [, ...names] = testHead.exec(text) ?? [];
    const name = names.find((found: string | undefined) => found !== undefined);
    return name === undefined ? [] : [{ line, name }];
  });
}

/** The line after those that are kept of one that is repeated after a place; undefined where none is. */
function repeatedFrom(lines: readonly string[], place: number): number | undefined {
  let [shape, first] = ['', place];
  for (const [line, text] of lines.entries()) {
    const next = shapeOf(text);
    if (line < place || next === '' || next !== shape) [shape, first] = [next, line];
    else if (line - first + 1 >= repeatedLines) return first + keptLines;
  }
  return undefined;
}

/** A line without its values: strings, numbers, and how many of them are in a list. */
function shapeOf(line: string): string {
  return line
    .trim()
    .replaceAll(/(["'`])(?:\\.|(?!\1).)*\1/g, '0')
    .replaceAll(/-?\d+(?:\.\d+)?/g, '0')
    .replaceAll(/0(?:, ?0)+/g, '0');
}

/** Lines without those at their end that belong to what follows: blank ones, comments, decorators. */
function withoutHead(lines: readonly string[]): readonly string[] {
  const last = lines.findLastIndex((line) => isWritten(line) && !/^\s*(?:#|\/\/|\/?\*|@)/.test(line));
  return lines.slice(0, last + 1);
}
