import {
  type CommentStyle,
  commentStyleOf,
  lineKinds,
  type LineKind,
  withoutComment,
} from './commentLines.ts';
import { lineEndOf, type LineRange, linesWithEnds, splitAtRange } from './lineRange.ts';
import { lineHunks } from './lineHunks.ts';

/** How comments begin that compilers, linters, formatters or coverage read, a line for each of these. */
const directives = [
  String.raw`type:|@ts-|go:|\+build|-\*-|(?:file)?(?:en)?coding[:=]|vim:|frozen_string_literal:|syntax=|\/\/\/ script`,
  String.raw`noqa\b|ruff:|flake8[:=]|pylint:|mypy:|pyright:|nosec\b|eslint\b|nolint\b|NOLINT|biome-ignore|deno-lint|tslint:`,
  'shellcheck |rubocop:|swiftlint:|fmt:|isort:|prettier-ignore|clang-format |@formatter:|deno-fmt',
  String.raw`pragma\b|(?:c8|v8|istanbul) ignore`,
];
/** Comments that tools read: one of them is never replaced. */
const directive = new RegExp(String.raw`^(?:#!|\/\/\/\s*<|(?:#|\/\/|\/\*)\s*(?:${directives.join('|')}))`);

interface Line {
  readonly text: string;
  readonly kind: LineKind;
}

/**
 * The lines of a range with the comments that a model wrote into them, and nothing else of what it wrote: small models change
 * code while they document it. Comments take the place of others that were there. What was written comes back as it is where the
 * language's comments are not known. Pure.
 */
export function documentedCode(
  written: string,
  file: { readonly text: string; readonly languageId: string },
  range: LineRange,
): string {
  const style = commentStyleOf(file.languageId);
  if (style === null) return written;
  const { inside } = splitAtRange(file.text, range);
  const lines = documentedLines(kindLines(inside, style), kindLines(written, style), style);
  const lineEnd = lineEndOf(file.text);
  return lines.join(lineEnd) + (/\r?\n$/.exec(inside)?.[0] ?? '');
}

function kindLines(text: string, style: CommentStyle): readonly Line[] {
  const lines = linesWithEnds(text).map((line) => line.replace(/\r?\n$/, ''));
  const kinds = lineKinds(lines, style);
  return lines.map((line, index) => ({ text: line, kind: kinds[index] ?? 'code' }));
}

function documentedLines(
  old: readonly Line[],
  added: readonly Line[],
  style: CommentStyle,
): readonly string[] {
  const bare = new Set(old.filter(isCode).map(({ text }) => text.trimEnd()));
  const codeOf = (line: Line): string => {
    const whole = line.text.trimEnd();
    return bare.has(whole) || line.kind === 'string' ? whole : withoutComment(whole, style);
  };
  const result: string[] = [];
  let [place, newPlace] = [0, 0];
  for (const { at, newAt } of anchors(old, added, codeOf)) {
    result.push(...between(old.slice(place, at), added.slice(newPlace, newAt)));
    result.push(anchored(old[at], added[newAt], codeOf));
    [place, newPlace] = [at + 1, newAt + 1];
  }
  // Nothing says where comments belong of which no line of code is next to them.
  if (place === 0) return old.map(({ text }) => text);
  return [...result, ...between(old.slice(place), added.slice(newPlace))];
}

function isCode({ kind }: Line): boolean {
  return kind === 'code' || kind === 'string';
}

interface Anchor {
  readonly at: number;
  readonly newAt: number;
}

/** Lines of code that are the same, or the same number of others between two of those, which the model has changed. */
function anchors(
  old: readonly Line[],
  added: readonly Line[],
  codeOf: (line: Line) => string,
): readonly Anchor[] {
  const [places, newPlaces] = [old, added].map((lines) =>
    lines.flatMap((line, index) => (isCode(line) ? [{ index, code: codeOf(line) }] : [])),
  );
  if (places === undefined || newPlaces === undefined) return [];
  const hunks = lineHunks(
    places.map(({ code }) => code),
    newPlaces.map(({ code }) => code),
  );
  const pairs: Anchor[] = [];
  let [place, newPlace] = [0, 0];
  const pairUp = (count: number): void => {
    for (let step = 0; step < count; step += 1) {
      const [one, other] = [places[place + step], newPlaces[newPlace + step]];
      if (one !== undefined && other !== undefined) pairs.push({ at: one.index, newAt: other.index });
    }
  };
  for (const { start, count, newStart, newCount } of hunks) {
    pairUp(start - place);
    [place, newPlace] = [start, newStart];
    if (count === newCount) pairUp(count);
    [place, newPlace] = [start + count, newStart + newCount];
  }
  pairUp(places.length - place);
  return pairs;
}

/** The document's own line, or the same with a comment at its end. */
function anchored(old: Line | undefined, added: Line | undefined, codeOf: (line: Line) => string): string {
  if (old === undefined || added === undefined) return old?.text ?? '';
  const isSame = codeOf(added) === old.text.trimEnd();
  return old.kind === 'code' && isSame ? added.text : old.text;
}

/** What is between two lines of code: the comments that were written, else what was there. Code that was there stays. */
function between(old: readonly Line[], added: readonly Line[]): readonly string[] {
  const firstCode = added.findIndex(isCode);
  const comments = firstCode === -1 ? added : added.slice(0, firstCode);
  const texts = (lines: readonly Line[]): readonly string[] => lines.map(({ text }) => text);
  if (!comments.some(({ kind }) => kind === 'comment')) return texts(old);
  const hasOwn = old.some(({ kind }) => kind === 'comment');
  if (old.some(isCode)) return hasOwn ? texts(old) : [...texts(comments), ...texts(old)];
  if (old.some(({ text }) => directive.test(text.trim()))) {
    const known = new Set(texts(old));
    return [...texts(old), ...texts(comments).filter((text) => !known.has(text))];
  }
  const hasBlank = comments.some(({ kind }) => kind === 'blank');
  return [...(hasBlank ? [] : texts(old.filter(({ kind }) => kind === 'blank'))), ...texts(comments)];
}
