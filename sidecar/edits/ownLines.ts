import { leadOf } from '../../protocol/leadOf.ts';
import { definedNames } from '../reasoning/answers/codeFence.ts';

/** Lines of a file before and after a range. */
interface Surroundings {
  readonly above: readonly string[];
  readonly below: readonly string[];
}

/**
 * Lines of an answer that are meant for a range whose lines are `known`. Small models often write what surrounds it again. Left
 * out are lines at either end that are those next to the range, where they leave its indentation or are three, so that they cannot
 * be meant for it, unless the range has the same at that end; and what begins with the definition of a name that the file defines
 * elsewhere. Pure.
 */
export function ownLines(
  lines: readonly string[],
  known: readonly string[],
  { above, below }: Surroundings,
): readonly string[] {
  const lead = shortestLead(known);
  const rest = withoutRepeated(lines, known, { nearest: above.toReversed(), lead });
  const end = withoutRepeated(rest.toReversed(), known.toReversed(), { nearest: below, lead });
  const own = end.toReversed();
  // Without indentation of its own it does not count from where the file does.
  const isShifted = lead !== '' && shortestLead(own) === '';
  if (isShifted || !own.some(isWritten)) return lines;
  return untilForeign(own, known, { above, below });
}

/** A comment or a decorator. */
const belongsToNext = /^\s*(?:#|\/\/|\/?\*|@|$)/;

/** Lines before the first definition of what only the surroundings define. All where nothing of the range comes before it. */
function untilForeign(
  lines: readonly string[],
  known: readonly string[],
  { above, below }: Surroundings,
): readonly string[] {
  const mine = definedNames(known.join('\n'));
  const theirs = definedNames([...above, '', ...below].join('\n'));
  const names = lines.map((line) => [...definedNames(line)]);
  const foreign = names.findIndex((defined) => defined.some((name) => theirs.has(name) && !mine.has(name)));
  const hasMine = names.slice(0, foreign).some((defined) => defined.some((name) => mine.has(name)));
  if (foreign <= 0 || !hasMine) return lines;
  const last = lines.slice(0, foreign).findLastIndex((line) => !belongsToNext.test(line));
  return lines.slice(0, last + 1);
}

/**
 * Lines of an answer that goes on at a cursor, without those of `above` at its beginning, and without those of `below` at its
 * end. The last line of `above` is that of the cursor, up to there: the answer may go on with it. Pure.
 */
export function newLines(lines: readonly string[], { above, below }: Surroundings): readonly string[] {
  const rest = lines.slice(repeatedHead(lines, above));
  const tail = rest.toReversed();
  const own = tail.slice(repeatedCount(tail, below, leadOf(above.at(-1) ?? '')));
  return own.slice(Math.max(0, own.findIndex(isWritten))).toReversed();
}

/** Lines at the beginning of a list that end another, blank ones left out of both. One that is gone on with does not count. */
function repeatedHead(lines: readonly string[], above: readonly string[]): number {
  const near = above.filter(isWritten);
  const places = lines.flatMap((line, index) => (isWritten(line) ? [index] : []));
  const isOpen = isWritten(above.at(-1) ?? '');
  for (let count = Math.min(near.length, places.length); count > 0; count -= 1) {
    const last = near.slice(-count);
    const isRepeated = last.every((line, index) => {
      const written = lines[places[index] ?? 0] ?? '';
      return index === count - 1 && isOpen ? written.startsWith(line) : written.trimEnd() === line.trimEnd();
    });
    if (isRepeated) return (places[count - 1] ?? 0) + (isOpen ? 0 : 1);
  }
  return 0;
}

function withoutRepeated(
  lines: readonly string[],
  known: readonly string[],
  { nearest, lead }: { readonly nearest: readonly string[]; readonly lead: string },
): readonly string[] {
  const count = repeatedCount(lines, nearest, lead);
  const rest = lines.slice(count);
  const repeated = lines.slice(0, count).filter(isWritten);
  const isOwn = beginsAlike(repeated, known) && !beginsAlike(rest.filter(isWritten), known);
  if (count === 0 || isOwn) return lines;
  return rest.slice(Math.max(0, rest.findIndex(isWritten)));
}

/** Whether lines are the first of a range, or all of them begin so. */
function beginsAlike(lines: readonly string[], known: readonly string[]): boolean {
  const first = known.filter(isWritten).slice(0, lines.length);
  return first.length > 0 && first.every((line, index) => line.trimEnd() === lines[index]?.trimEnd());
}

/** So many lines that are next to the range are not written again by chance. */
const copiedCount = 3;

/**
 * Lines at the beginning of a list that are the nearest ones of another, in the opposite order; 0 where they are few and none of
 * them is indented less than `lead`. Blank lines do not count.
 */
function repeatedCount(lines: readonly string[], nearest: readonly string[], lead: string): number {
  const near = nearest.filter(isWritten);
  const places = lines.flatMap((line, index) => (isWritten(line) ? [index] : []));
  const most = Math.min(near.length, places.length);
  for (let count = most; count > 0; count -= 1) {
    const repeated = places.slice(0, count).map((place) => (lines[place] ?? '').trimEnd());
    const isRepeated = repeated.every((line, index) => line === near[count - 1 - index]?.trimEnd());
    const isMeant = count < copiedCount && repeated.every((line) => leadOf(line).length >= lead.length);
    if (isRepeated && !isMeant) return (places[count - 1] ?? 0) + 1;
  }
  return 0;
}

/** Whether a line has more than white space. */
export function isWritten(line: string): boolean {
  return line.trim() !== '';
}

/** The shortest indentation of lines that are not blank. */
export function shortestLead(lines: readonly string[]): string {
  const leads = lines.filter(isWritten).map(leadOf);
  return leads.reduce((shortest, lead) => (lead.length < shortest.length ? lead : shortest), leads[0] ?? '');
}
