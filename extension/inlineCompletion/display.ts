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
  /** All that was on display on the way here, each where it was. */
  readonly seen: readonly Seen[];
}

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
  const seen = offers.map(({ text, replacedLength }) => ({ anchor: anchorOf(window, replacedLength), text }));
  return { window, offers, flight, seen: [...(before?.seen ?? []), ...seen] };
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
