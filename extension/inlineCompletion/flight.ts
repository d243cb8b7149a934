import type { CompletionItem, CompletionProgress, CompletionReport } from '../../protocol/messages.ts';
import { isSubsequence } from '../../protocol/isSubsequence.ts';
import { toLineFeeds } from '../../protocol/toLineFeeds.ts';
import { anchorOf, type CursorWindow, type Insertion, isSamePlace } from './cursorWindow.ts';
import type { QuietReason } from './quietReason.ts';
import type { Answer } from './rejectedTexts.ts';
import { isCompatible, remaining, typedSince } from './typeThrough.ts';

/** How a request to the engine ended. */
export type FlightResult =
  | { readonly type: 'items'; readonly items: readonly Insertion[]; readonly report: CompletionReport }
  | { readonly type: 'quiet'; readonly reason: QuietReason; readonly report: CompletionReport | null };

/** What a request that is under way, or has ended, says about a cursor. */
export type FlightAnswer =
  | Answer
  /** Something else was typed than it writes, or the cursor is elsewhere. */
  | { readonly type: 'misfit' };

/** Asks the engine. Progress comes before the result; never rejects. */
export type Ask = (
  onProgress: (progress: readonly CompletionProgress[]) => void,
  signal: AbortSignal,
) => Promise<FlightResult>;

/** What may be typed over. */
const closersAtStart = /^[)\]}>"'`]+/;

/** A request in flight. It goes on while what is typed fits it, whatever becomes of the call that began it. */
export class Flight {
  readonly window: CursorWindow;
  /** Resolves when the request has ended, cancelled or not. */
  readonly ended: Promise<FlightResult>;
  readonly #abort = new AbortController();
  readonly #watchers = new Set<() => void>();
  #written = '';
  #lines: Insertion | null = null;
  #result: FlightResult | null = null;

  constructor(window: CursorWindow, ask: Ask) {
    this.window = window;
    this.ended = this.#run(ask);
  }

  /** Null while it is under way. */
  get result(): FlightResult | null {
    return this.#result;
  }

  get isCancelled(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Does nothing once it has ended. */
  cancel(): void {
    if (this.#result !== null) return;
    this.#abort.abort();
    this.#wake();
  }

  /** What it says about a cursor by now; null while that is open. */
  answer(now: CursorWindow): FlightAnswer | null {
    if (this.isCancelled || now.uri !== this.window.uri) return misfit;
    const result = this.#result;
    if (result?.type === 'quiet') {
      return isSamePlace(this.window, now) ? { type: 'quiet', reason: result.reason } : misfit;
    }
    const items = result?.items ?? (this.#lines === null ? [] : [this.#lines]);
    const offers = offersOf(this.window, items, now);
    if (offers.length > 0) return { type: 'offers', offers };
    return result === null && this.#fits(now) ? null : misfit;
  }

  /**
   * Waits until it says something about a cursor; null as soon as the caller's signal is aborted, which does not end the
   * request. `isWhole` waits for its end.
   */
  async join(
    now: CursorWindow,
    { isWhole, signal }: { readonly isWhole: boolean; readonly signal: AbortSignal },
  ): Promise<FlightAnswer | null> {
    for (;;) {
      if (signal.aborted) return null;
      const answer = this.answer(now);
      const mustWait = isWhole && this.#result === null && answer?.type !== 'misfit';
      if (answer !== null && !mustWait) return answer;
      await this.#changed(signal);
    }
  }

  /** Whether what was typed since, some of it over closing halves, can still be the beginning of what is being written. */
  #fits(now: CursorWindow): boolean {
    const [closers = ''] = closersAtStart.exec(this.window.after) ?? [];
    for (let over = 0; over <= closers.length; over++) {
      const typedOver = closers.slice(0, over);
      for (const { typed } of typedSince(anchorOf(this.window, over), now)) {
        if (isSubsequence(typedOver, typed) && isCompatible(this.#written, typed)) return true;
      }
    }
    return false;
  }

  async #run(ask: Ask): Promise<FlightResult> {
    const result = await ask((progress) => {
      this.#take(progress);
    }, this.#abort.signal);
    this.#result = this.#consistent(result);
    this.#wake();
    return this.#result;
  }

  /** The whole, unless it does not begin with lines that may be on display: then those. */
  #consistent(result: FlightResult): FlightResult {
    const lines = this.#lines;
    if (lines === null || this.isCancelled || result.report === null) return result;
    if (result.type === 'quiet') return { type: 'items', items: [lines], report: result.report };
    const [best, ...others] = result.items;
    const isLonger =
      best?.text.startsWith(lines.text) === true && best.replacedLength === lines.replacedLength;
    return isLonger ? result : { ...result, items: [lines, ...others] };
  }

  #take(progress: readonly CompletionProgress[]): void {
    for (const part of progress) {
      if (part.type === 'written') this.#written = part.text;
      else this.#lines = insertionOf(part.item);
    }
    this.#wake();
  }

  #changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        this.#watchers.delete(go);
        signal.removeEventListener('abort', go);
        resolve();
      };
      this.#watchers.add(go);
      signal.addEventListener('abort', go);
    });
  }

  /** Has every call that waits look again. */
  #wake(): void {
    for (const go of [...this.#watchers]) go();
  }
}

/** An item of the protocol as windows have texts. */
export function insertionOf({ text, replacedLength }: CompletionItem): Insertion {
  return { text: toLineFeeds(text), replacedLength };
}

const misfit = { type: 'misfit' } as const;

function offersOf(
  window: CursorWindow,
  items: readonly Insertion[],
  now: CursorWindow,
): readonly Insertion[] {
  return items.flatMap(({ text, replacedLength }) => {
    const anchor = anchorOf(window, replacedLength);
    for (const typed of typedSince(anchor, now)) {
      const rest = remaining(text, typed);
      if (rest !== null) return [rest];
    }
    return [];
  });
}
