import type { CompleteParams, CompletionReport } from '../../protocol/messages.ts';
import type { CursorWindow, Insertion } from './cursorWindow.ts';
import { type Display, displayAt, fateOf, seenIn } from './display.ts';
import { type Ask, Flight, type FlightAnswer, type FlightResult } from './flight.ts';
import { FollowUp } from './followUp.ts';
import { KeptCompletions } from './keptCompletions.ts';
import type { QuietReason } from './quietReason.ts';
import { RejectedTexts } from './rejectedTexts.ts';
import { TypingRhythm } from './typingRhythm.ts';

/** What the engine is asked for. */
export interface EngineRequest {
  readonly window: CursorWindow;
  readonly trigger: CompleteParams['trigger'];
  readonly candidates: number;
  /** Taken to be in the document, at the cursor. */
  readonly accepted: Insertion | null;
}

export interface GhostTextParts {
  readonly ask: (request: EngineRequest) => Ask;
  /** Milliseconds. */
  readonly now: () => number;
  readonly after: (delayMs: number, run: () => void) => () => void;
  /** How long a request is expected to take before any was answered, in milliseconds. 0 when absent. */
  readonly expectedMs?: () => number;
  /** Whether the engine answers a question or writes an edit, which what nobody asked for must not slow down. Never when absent. */
  readonly isAnswering?: () => boolean;
  /** More has been written of what is on display there. Returns whether the editor is made to ask again, which gets it. */
  readonly onLonger: (window: CursorWindow) => boolean;
  /** Gets the cost of every request for what is on display that ends with something to show, whether or not a call still waits for it. */
  readonly onReport: (report: CompletionReport) => void;
}

export interface OfferOptions {
  readonly trigger: CompleteParams['trigger'];
  /** Texts that are asked for when the user asks by hand. */
  readonly alternatives: number;
  /** The longest wait before the engine is asked. */
  readonly debounceMs: number;
  /** Whether an offer can be shown where the editor asks. Each can when absent. */
  readonly fits?: (offer: Insertion) => boolean;
  /** Aborted when nobody waits for the answer any longer. */
  readonly signal: AbortSignal;
}

/** What can be shown, and the cost, null where nothing was asked of the engine or it is still writing. */
export interface Found {
  readonly offers: readonly Insertion[];
  readonly report: CompletionReport | null;
  /** Whether more of it may be written yet. */
  readonly isStillWritten: boolean;
}

/**
 * A request that no call has waited for this long is given up. The editor asks again about 50 ms after a key, if at all; later
 * where the machine is busy.
 */
export const unattendedMs = 1000;

/** Reasons that are the same whenever the same is asked. */
const lastingReasons: readonly QuietReason[] = [
  'breaksSyntax',
  'duplicatesSuffix',
  'emptyCompletion',
  'insideCharacter',
  'insideWord',
  'onlyWhitespace',
];

/**
 * Ghost text without an editor: answers from what was computed, joins the request in flight, and asks the engine for the rest.
 * One cursor at a time.
 */
export class GhostText {
  readonly #parts: GhostTextParts;
  readonly #kept = new KeptCompletions();
  readonly #rejected = new RejectedTexts();
  readonly #rhythm = new TypingRhythm();
  readonly #followUp: FollowUp;
  #flight: Flight | null = null;
  #display: Display | null = null;
  #waitingCount = 0;
  #callOffEnd: () => void = () => undefined;

  constructor(parts: GhostTextParts) {
    this.#parts = parts;
    this.#followUp = new FollowUp({
      after: parts.after,
      isBusy: () => this.#isFlying || (parts.isAnswering?.() ?? false),
      isKnown: (window) => this.#kept.find(window, this.#rejected) !== null,
      askAfter: ({ window, insertion }) =>
        parts.ask({ window, trigger: 'automatic', candidates: 1, accepted: insertion }),
      onEnded: (window, result) => {
        this.#keep(window, result);
      },
    });
  }

  /** A key has changed the document. */
  keyTyped(): void {
    this.#rhythm.key(this.#parts.now());
  }

  /** The cursor is here now. Ends what does not fit, and notes what was rejected. */
  moved(now: CursorWindow): void {
    // Where an entry of the list of suggestions is selected, the next call says whether it still is. The list ends with its line.
    const mayBeSelected = [this.#display?.window, this.#flight?.window].some(
      (window) =>
        (window?.assumed ?? null) !== null &&
        window?.uri === now.uri &&
        window.position.line === now.position.line,
    );
    if (!mayBeSelected) this.#settle(now);
  }

  #settle(now: CursorWindow): void {
    const display = this.#display;
    const fate = display === null ? 'left' : fateOf(display, now);
    // An entry that is selected in the list was not typed.
    if (fate === 'rejected' && now.assumed === null && display?.window.assumed === null) {
      for (const seen of seenIn(display)) this.#rejected.add(seen);
    }
    if (fate !== 'followed') this.#display = null;
    if (this.#flight?.result === null && this.#flight.answer(now)?.type === 'misfit') this.#endFlight();
    this.#followUp.moved(now);
  }

  /** No cursor is where anything was computed for. */
  left(): void {
    this.#display = null;
    this.#endFlight();
    this.#followUp.cancel();
  }

  /** Another model, or other settings: nothing that was computed counts. */
  forget(): void {
    this.left();
    this.#kept.clear();
    this.#rejected.clear();
  }

  /** Answers a call of the editor. `cancelled` when its signal was aborted. */
  async offer(now: CursorWindow, options: OfferOptions): Promise<Found | QuietReason> {
    this.#settle(now);
    if (options.trigger === 'invoked') return this.#ask(now, options);
    const known = this.#known(now, options) ?? (await this.#joined(now, options));
    if (known !== null) return known;
    const expectedMs = this.#parts.expectedMs?.();
    const waitMs = this.#rhythm.waitMs(this.#parts.now(), options.debounceMs, expectedMs);
    if (!(await this.#quietFor(waitMs, options.signal))) return 'cancelled';
    return this.#ask(now, options);
  }

  get #isFlying(): boolean {
    return this.#flight !== null && this.#flight.result === null && !this.#flight.isCancelled;
  }

  #known(now: CursorWindow, options: OfferOptions): Found | QuietReason | null {
    const answer = this.#kept.find(now, this.#rejected);
    if (answer === null) return null;
    if (answer.type === 'quiet') return answer.reason;
    const offers = fitting(answer.offers, options);
    return offers.length === 0 ? null : this.#show(now, offers, { flight: null, options });
  }

  /** What a request says that is under way, be it the one that computes what follows; null where none fits. */
  async #joined(now: CursorWindow, options: OfferOptions): Promise<Found | QuietReason | null> {
    for (const flight of [this.#flight, this.#followUp.flight]) {
      // What has ended is kept already.
      if (flight === null || flight.result !== null || flight.answer(now)?.type === 'misfit') continue;
      this.#take(flight);
      const answer = await this.#wait(flight, now, { isWhole: false, signal: options.signal });
      if (answer === null) return 'cancelled';
      const found = this.#answered(now, answer, { flight, options });
      if (found !== null) return found;
    }
    return null;
  }

  /** The request that computed what follows is now the one in flight. */
  #take(flight: Flight): void {
    if (flight !== this.#followUp.flight) return;
    this.#followUp.release();
    this.#endFlight();
    this.#fly(flight);
  }

  #fly(flight: Flight): void {
    this.#flight = flight;
    void flight.ended.then((result) => {
      this.#landed(flight, result);
    });
  }

  async #ask(now: CursorWindow, options: OfferOptions): Promise<Found | QuietReason> {
    const { trigger, alternatives, signal } = options;
    this.#endFlight();
    this.#followUp.cancel();
    const isInvoked = trigger === 'invoked';
    const candidates = isInvoked ? alternatives : 1;
    const startedMs = this.#parts.now();
    const flight = new Flight(now, this.#parts.ask({ window: now, trigger, candidates, accepted: null }));
    this.#fly(flight);
    const answer = await this.#wait(flight, now, { isWhole: isInvoked, signal });
    if (answer === null) return 'cancelled';
    if (!isInvoked && answer.type === 'offers') this.#rhythm.answered(this.#parts.now() - startedMs);
    const found = this.#answered(now, answer, { flight, options });
    return found ?? (flight.isCancelled ? 'cancelled' : 'emptyCompletion');
  }

  /** What a request says; null where it does not fit. What was rejected here before is shown only to a user who asks for it. */
  #answered(
    now: CursorWindow,
    answer: FlightAnswer,
    by: { readonly flight: Flight; readonly options: OfferOptions },
  ): Found | QuietReason | null {
    if (answer.type === 'misfit') return null;
    const offered =
      answer.type === 'offers' && by.options.trigger === 'automatic'
        ? this.#rejected.withoutThem(now, answer.offers)
        : answer;
    if (offered.type === 'quiet') return offered.reason;
    const offers = fitting(offered.offers, by.options);
    return offers.length === 0 ? null : this.#show(now, offers, by);
  }

  #show(
    now: CursorWindow,
    offers: readonly Insertion[],
    { flight, options: { trigger } }: { readonly flight: Flight | null; readonly options: OfferOptions },
  ): Found | QuietReason {
    const [insertion] = offers;
    if (insertion === undefined) return 'emptyCompletion';
    const isOver = flight === null || flight.result !== null;
    this.#display = displayAt(now, offers, { before: this.#display, flight: isOver ? null : flight });
    if (isOver && trigger === 'automatic') this.#followUp.displayed({ window: now, insertion });
    return { offers, report: flight?.result?.report ?? null, isStillWritten: !isOver };
  }

  /** Keeps what came out, and has the rest shown of what is on display. */
  #landed(flight: Flight, result: FlightResult): void {
    if (flight.isCancelled) return;
    this.#keep(flight.window, result);
    if (result.type === 'items') this.#parts.onReport(result.report);
    const display = this.#display;
    if (display?.flight !== flight) return;
    this.#display = { ...display, flight: null };
    const [shown] = display.offers;
    const whole = this.#kept.find(display.window, this.#rejected);
    const best = whole?.type === 'offers' ? whole.offers[0] : undefined;
    if (shown === undefined) return;
    const isLonger = best !== undefined && best.text.length > shown.text.length;
    if (isLonger && this.#parts.onLonger(display.window)) return;
    this.#followUp.displayed({ window: display.window, insertion: shown });
  }

  #keep(window: CursorWindow, result: FlightResult): void {
    if (result.type === 'items') this.#kept.keep(window, result.items);
    else if (lastingReasons.includes(result.reason)) this.#kept.keepNothing(window, result.reason);
  }

  #endFlight(): void {
    this.#callOffEnd();
    this.#flight?.cancel();
    this.#flight = null;
  }

  /** Joins a request. One that nobody waits for any longer lives on for a while, so that the next call can join it. */
  async #wait(
    flight: Flight,
    now: CursorWindow,
    how: { readonly isWhole: boolean; readonly signal: AbortSignal },
  ): Promise<FlightAnswer | null> {
    this.#callOffEnd();
    this.#waitingCount += 1;
    try {
      return await flight.join(now, how);
    } finally {
      this.#waitingCount -= 1;
      if (this.#waitingCount === 0 && how.signal.aborted && flight === this.#flight) {
        this.#callOffEnd = this.#parts.after(unattendedMs, () => {
          if (flight === this.#flight && this.#waitingCount === 0) this.#endFlight();
        });
      }
    }
  }

  /** Resolves true after a time, or false as soon as the signal is aborted. */
  #quietFor(durationMs: number, signal: AbortSignal): Promise<boolean> {
    if (durationMs <= 0 || signal.aborted) return Promise.resolve(!signal.aborted);
    return new Promise((resolve) => {
      const abort = (): void => {
        callOff();
        resolve(false);
      };
      const callOff = this.#parts.after(durationMs, () => {
        signal.removeEventListener('abort', abort);
        resolve(true);
      });
      signal.addEventListener('abort', abort, { once: true });
    });
  }
}

function fitting(offers: readonly Insertion[], { fits }: OfferOptions): readonly Insertion[] {
  return fits === undefined ? offers : offers.filter(fits);
}
