import { expect } from 'vitest';
import type { CursorWindow } from '../../../extension/inlineCompletion/cursorWindow.ts';
import { GhostText, type OfferOptions } from '../../../extension/inlineCompletion/ghostText.ts';
import type { CompletionReport } from '../../../protocol/messages.ts';
import { ManualClock } from '../machine/manualClock.ts';
import { RequestDesk } from './requestDesk.ts';
import type { TypingEditor } from './typingEditor.ts';

/** Milliseconds that the editor's setting has a request wait. */
export const debounceMs = 120;

/** Ghost text between an editor that is typed in, an engine that is answered for by hand, and a clock that is set. */
export class GhostRig {
  readonly desk = new RequestDesk();
  readonly clock = new ManualClock();
  /** Where the editor was made to ask again. */
  readonly longer: CursorWindow[] = [];
  readonly reports: CompletionReport[] = [];
  /** Whether the editor can be made to ask again. */
  isAskedAgain = true;
  isAnswering = false;
  readonly ghost = new GhostText({
    ask: this.desk.ask,
    now: () => this.clock.now(),
    after: (delayMs, run) => this.clock.after(delayMs, run),
    isAnswering: () => this.isAnswering,
    onLonger: (window) => {
      this.longer.push(window);
      return this.isAskedAgain;
    },
    onReport: (report) => this.reports.push(report),
  });

  call(editor: TypingEditor, options: Partial<OfferOptions> = {}, window = editor.window): Call {
    return new Call(this.ghost, options, window);
  }

  /** A call that the next key cancels. */
  async askAndCancel(editor: TypingEditor): Promise<void> {
    const call = this.call(editor);
    await settle();
    call.cancel();
    await settle();
  }

  /** Shows a completion that the engine has answered with. */
  async show(editor: TypingEditor, ...texts: readonly string[]): Promise<void> {
    const call = this.call(editor);
    await settle();
    this.desk.last.answer(...texts);
    expect(await call.texts).toEqual(texts);
  }
}

/** A call of the editor. */
class Call {
  readonly #abort = new AbortController();
  readonly #answer: Promise<readonly string[] | string>;
  settled: readonly string[] | string | null = null;

  constructor(ghost: GhostText, options: Partial<OfferOptions>, window: CursorWindow) {
    const found = ghost.offer(window, {
      trigger: 'automatic',
      alternatives: 3,
      debounceMs,
      signal: this.#abort.signal,
      ...options,
    });
    this.#answer = found.then((answer) => {
      this.settled = typeof answer === 'string' ? answer : answer.offers.map(({ text }) => text);
      return this.settled;
    });
  }

  /** What the editor is given. */
  get texts(): Promise<readonly string[] | string> {
    return this.#answer;
  }

  /** As the editor does with the next key. */
  cancel(): void {
    this.#abort.abort();
  }
}

/** Lets everything run that is not waiting for anything. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
