import type { CompletionItem, CompletionProgress } from '../../protocol/messages.ts';
import type { SearchEvent } from '../../protocol/traceEvent.ts';
import { initialTraceState, reduceTrace, type TraceState } from '../../protocol/traceState.ts';
import type { EventSink } from '../request/eventChannel.ts';
import { longestPeriod } from './blockCut.ts';
import { isOpen } from './completionCut.ts';
import { completionItems } from './completionItems.ts';
import type { CompletionPlace } from './completionPlace.ts';
import { fromCursor } from './cursorContext.ts';
import { inDocumentIndent } from './indentation.ts';

export interface ProgressListener {
  readonly report: (progress: readonly CompletionProgress[]) => void;
  /** Whether an item may be offered at all. */
  readonly isOffered: (item: CompletionItem) => boolean;
}

/**
 * Reports how far the greedy candidate of a completion is: its text after every step, and, whenever a line has ended, the item
 * that would come of the lines so far. An item is reported only where it differs from the last one, begins with it, and the
 * rules for the whole find nothing wrong with it. A line that may be the first of a loop waits for the next.
 */
export class CompletionWatch {
  readonly #place: CompletionPlace;
  readonly #listener: ProgressListener;
  #state: TraceState = initialTraceState;
  #eventCount = 0;
  #text = '';
  #lineEndCount = 0;
  #reported = '';

  constructor(place: CompletionPlace, listener: ProgressListener) {
    this.#place = place;
    this.#listener = listener;
  }

  /** Events pass through to `events`; each is looked at first. */
  watching(events: EventSink): EventSink {
    return {
      push: (event) => {
        this.#take(event);
        return events.push(event);
      },
    };
  }

  #take(event: SearchEvent): void {
    if (event.type !== 'candidate/opened' && event.type !== 'tokens/appended') return;
    if (event.candidateId !== 0) return;
    this.#state = reduceTrace(this.#state, { ...event, seq: this.#eventCount++, timeMs: 0 });
    if (event.type === 'candidate/opened') return;
    this.#text += event.tokens.texts.join('');
    const written = fromCursor(this.#text, this.#place.cursor);
    if (written === '') return;
    const progress: CompletionProgress[] = [{ type: 'written', text: written }];
    const item = this.#endedLines(written);
    if (item !== null) progress.push({ type: 'lines', item });
    this.#listener.report(progress);
  }

  /** Null where no further line has ended, or the lines cannot be shown alone. */
  #endedLines(written: string): CompletionItem | null {
    const lineEndCount = written.trimStart().split('\n').length - 1;
    if (lineEndCount === this.#lineEndCount) return null;
    this.#lineEndCount = lineEndCount;
    if (this.#mayLoop(written)) return null;
    const [greedy] = this.#state.candidates;
    if (greedy === undefined || isOpen(inDocumentIndent(written, this.#place).text, this.#place)) return null;
    const [item] = completionItems([{ ...greedy, end: 'truncated' }], this.#place).items;
    if (item === undefined || !this.#listener.isOffered(item)) return null;
    if (item.text === this.#reported || !item.text.startsWith(this.#reported)) return null;
    this.#reported = item.text;
    return item;
  }

  /** Whether the last line that has ended is one of those before it that a loop could go back to. */
  #mayLoop(written: string): boolean {
    const ended = (this.#place.cursor.lineBefore + written).split('\n').slice(0, -1);
    const [last, ...earlier] = ended.filter((line) => line.trim() !== '').toReversed();
    return last !== undefined && earlier.slice(0, longestPeriod).includes(last);
  }
}
