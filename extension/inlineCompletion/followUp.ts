import { anchorOf, type CursorWindow, type Insertion, isSamePlace, windowWith } from './cursorWindow.ts';
import { type Ask, Flight, type FlightResult } from './flight.ts';
import { restAfter, typedSince } from './typeThrough.ts';

/** A display shorter than this is not worth a request. */
export const followUpDelayMs = 150;

/** A text on display at a cursor. */
export interface Displayed {
  readonly window: CursorWindow;
  readonly insertion: Insertion;
}

export interface FollowUpParts {
  readonly after: (delayMs: number, run: () => void) => () => void;
  /** Whether another request is under way. */
  readonly isBusy: () => boolean;
  /** Whether it is known already what is offered there. */
  readonly isKnown: (window: CursorWindow) => boolean;
  /** How the completion is computed that follows one that is accepted. */
  readonly askAfter: (displayed: Displayed) => Ask;
  /** Gets what came out, unless it was cancelled. */
  readonly onEnded: (window: CursorWindow, result: FlightResult) => void;
}

/**
 * Computes the completion that follows the one on display, as if that had been accepted: after it has been on display for a
 * while, once, and never beside another request. A key that does not fit ends it.
 */
export class FollowUp {
  readonly #parts: FollowUpParts;
  #displayed: Displayed | null = null;
  #callOff: () => void = () => undefined;
  #flight: Flight | null = null;

  constructor(parts: FollowUpParts) {
    this.#parts = parts;
  }

  /** The request that is under way, or has just ended. */
  get flight(): Flight | null {
    return this.#flight;
  }

  get isRunning(): boolean {
    return this.#flight !== null && this.#flight.result === null && !this.#flight.isCancelled;
  }

  /** Plans it for a text that is on display from now on. Does nothing for one whose follow-up is under way. */
  displayed(displayed: Displayed): void {
    this.#callOff();
    const accepted = windowWith(displayed.window, displayed.insertion);
    if (this.isRunning && this.#flight !== null && isSamePlace(this.#flight.window, accepted)) {
      this.#displayed = displayed;
      return;
    }
    this.cancel();
    this.#displayed = displayed;
    this.#callOff = this.#parts.after(followUpDelayMs, () => {
      if (!this.#parts.isBusy() && !this.#parts.isKnown(accepted)) this.#begin(displayed, accepted);
    });
  }

  /** The cursor is here now: what does not lead to the accepted text, or go on after it, ends the request. */
  moved(now: CursorWindow): void {
    const displayed = this.#displayed;
    if (displayed === null || isSamePlace(displayed.window, now)) return;
    // Another display says anew what would be accepted, and where.
    this.#callOff();
    const isAfter = this.#flight !== null && this.#flight.answer(now)?.type !== 'misfit';
    if (!isAfter && !leadsTo(displayed, now)) this.cancel();
  }

  cancel(): void {
    this.#flight?.cancel();
    this.release();
  }

  /** Gives the request away: it goes on, and is its taker's. */
  release(): void {
    this.#callOff();
    this.#displayed = null;
    this.#flight = null;
  }

  #begin(displayed: Displayed, accepted: CursorWindow): void {
    const flight = new Flight(accepted, this.#parts.askAfter(displayed));
    this.#flight = flight;
    void flight.ended.then((result) => {
      if (!flight.isCancelled) this.#parts.onEnded(accepted, result);
    });
  }
}

/** Whether the cursor is inside the text on display, all that was typed of it being right. */
function leadsTo({ window, insertion }: Displayed, now: CursorWindow): boolean {
  for (const { typed } of typedSince(anchorOf(window, insertion.replacedLength), now)) {
    if (restAfter(insertion.text, typed) !== null) return true;
  }
  return false;
}
