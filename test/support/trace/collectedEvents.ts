import type { SearchEvent } from '../../../protocol/traceEvent.ts';
import type { EventSink } from '../../../sidecar/request/eventChannel.ts';

/** Keeps all events that work writes to it. `onEvent` sees each as it comes, before the work goes on. */
export class CollectedEvents<E = SearchEvent> implements EventSink<E> {
  readonly all: E[] = [];
  readonly #onEvent: (event: E) => void;

  constructor(onEvent: (event: E) => void = () => undefined) {
    this.#onEvent = onEvent;
  }

  async push(event: E): Promise<void> {
    await Promise.resolve();
    this.all.push(event);
    this.#onEvent(event);
  }
}
