import { anchorOf, type CursorWindow, type Insertion, isSamePlace } from './cursorWindow.ts';
import type { Flight } from './flight.ts';
import type { Seen } from './rejectedTexts.ts';
import { isCompatible, restAfter, typedSince } from './typeThrough.ts';

/** What is on display at a cursor. */
export interface Display {
  readonly window: CursorWindow;
  readonly offers: readonly Insertion[];
  /** The request that it is a part of, while that is under way. */
  readonly flight: Flight | null;
  /** The displays on the way here that it goes on from, the first and the last few. */
  readonly before: readonly Pick<Display, 'window' | 'offers'>[];
}

/** Displays on the way to one that are remembered beside the first: as many keys may be deleted again to come back to one. */
const mostBefore = 7;

/** What became of a display. */
export type DisplayFate =
  /** The cursor has not moved, or some of a text was typed or accepted. */
  | 'followed'
  | 'accepted'
  /** Something else was typed there. */
  | 'rejected'
  /** The cursor is elsewhere, or the document changed in another way. */
  | 'left';

export function displayAt(
  window: CursorWindow,
  offers: readonly Insertion[],
  { before, flight }: { readonly before: Display | null; readonly flight: Flight | null },
): Display {
  const all = before === null ? [] : [...before.before, { window: before.window, offers: before.offers }];
  return { window, offers, flight, before: [...all.slice(0, 1), ...all.slice(1).slice(-mostBefore)] };
}

/** What was on display, up to now, and where. */
export function seenIn(display: Display): readonly Seen[] {
  return [...display.before, display].flatMap(({ window, offers }) => {
    const lengths = [...new Set(offers.map(({ replacedLength }) => replacedLength))];
    return lengths.map((length) => ({
      anchor: anchorOf(window, length),
      texts: offers.filter(({ replacedLength }) => replacedLength === length).map(({ text }) => text),
    }));
  });
}

export function fateOf({ window, offers }: Display, now: CursorWindow): DisplayFate {
  if (window.uri !== now.uri) return 'left';
  if (isSamePlace(window, now)) return 'followed';
  const fates = offers.flatMap(({ text, replacedLength }) =>
    [...typedSince(anchorOf(window, replacedLength), now)].map(({ typed }) => fateOfText(text, typed)),
  );
  return fateOrder.find((fate) => fates.includes(fate)) ?? typedOverFate(window, now);
}

/** The best that is true of any text, in any way of reading what was typed. */
const fateOrder = ['followed', 'accepted', 'rejected'] as const;

function fateOfText(text: string, typed: string): DisplayFate {
  const rest = restAfter(text, typed);
  if (rest !== null && rest.trim() !== '') return 'followed';
  return isCompatible(text, typed) ? 'accepted' : 'rejected';
}

/** A text may have replaced some of the line; typing that goes on without replacing it was against it. */
function typedOverFate(window: CursorWindow, now: CursorWindow): DisplayFate {
  for (const { typed } of typedSince(anchorOf(window, 0), now)) if (typed !== '') return 'rejected';
  return 'left';
}
