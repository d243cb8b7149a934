import { quotationAt } from '../syntax/codeShape.ts';
import { BlockCut, type Cut, linesWanted } from './blockCut.ts';
import type { CompletionPlace } from './completionPlace.ts';
import { isAtLineStart, joinedText } from './joinedText.ts';
import { saysSomething } from './saysSomething.ts';

/** Lines in which a text may mend what lacks in the cursor's line. */
const mostLinesToMend = 8;

/**
 * Finds where generated text (line ends `\n`) has gone on too long: after the line where only one is wanted, where it leaves
 * the block of the cursor, where it begins to copy the text after the cursor, and where it loops. Small models seldom end by
 * themselves, so these rules decide the quality. Decides line by line, each on the text up to its end: a cut found in a text
 * is found in every longer one, whatever pieces the text arrives in. Returns null to go on; with `isWhole`, where nothing
 * more will come.
 */
export function findCut(
  text: string,
  place: CompletionPlace,
  { isWhole = false }: { readonly isWhole?: boolean } = {},
): Cut | null {
  const wanted = linesWanted(text, place);
  const cut = new BlockCut(place, wanted).find(text);
  if (cut === null || wanted !== 'statement' || place.cursor.lineAfter.trim() === '') return cut;
  const isRepetition = cut.length === 0 && cut.reason === 'repeatedSuffix';
  if (isRepetition || fit(text.slice(0, cut.length), place) === 'joins') return cut;
  const lines = text.split('\n').slice(0, -1).slice(0, mostLinesToMend);
  const joining = firstLines(lines, (soFar) => fit(soFar, place) === 'joins');
  if (joining !== null || (lines.length < mostLinesToMend && !isWhole)) return joining;
  if (fit(text.slice(0, cut.length), place) === 'mends') return cut;
  return firstLines(lines, (soFar) => fit(soFar, place) === 'mends') ?? cut;
}

/** Whether what follows decides how much of a text is kept: it has lines, and none of them joins the rest of the line yet. */
export function isOpen(text: string, place: CompletionPlace): boolean {
  return findCut(text, place) === null && findCut(text, place, { isWhole: true }) !== null;
}

/** The fewest lines of which something is true, wherever they lead; null for none. */
function firstLines(lines: readonly string[], isEnough: (soFar: string) => boolean): Cut | null {
  const soFar = lines.map((_, index) => lines.slice(0, index + 1).join('\n')).find(isEnough);
  return soFar === undefined ? null : { length: soFar.length, reason: 'lineMended' };
}

/**
 * How a text goes with the rest of the cursor's line. `mends`: the code has as few errors with it as without the whole line,
 * and the rest is still code. `joins`: the text is a line above that rest, or ends with it, or it says nothing
 * that a text could end with.
 */
function fit(text: string, place: CompletionPlace): 'joins' | 'mends' | 'breaks' {
  const { inserted, cursor } = place;
  const rest = cursor.lineAfter.trim();
  if (text.trim() === '') return inserted.errorsOfHole === 0 && !saysSomething(rest) ? 'joins' : 'breaks';
  const joined = joinedText(text, place, { endsLine: true });
  const { addedErrors, quotations } = inserted.shapeOf(joined);
  if (addedErrors > -inserted.errorsOfHole || quotationAt(quotations, joined.length) !== null)
    return 'breaks';
  const isLineAbove = isAtLineStart(place) && joined.endsWith(`\n${cursor.lineBefore}`);
  const isSaidAgain = !saysSomething(rest) || text.trimEnd().endsWith(rest);
  return isLineAbove || isSaidAgain ? 'joins' : 'mends';
}
