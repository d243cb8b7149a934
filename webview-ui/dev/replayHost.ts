import type { HostToPanel } from '../../protocol/panelMessages.ts';
import type { TraceEvent } from '../../protocol/traceEvent.ts';
import type { PanelHost } from '../state/panelHost.ts';

/** Plays a recorded trace to the panel: the host where there is no VS Code. Shows the whole trace at first. */
export class ReplayHost implements PanelHost {
  readonly mode = 'replay';
  readonly events: readonly TraceEvent[];
  readonly #receivers = new Set<(message: HostToPanel) => void>();
  #shownCount: number;

  constructor(events: readonly TraceEvent[]) {
    this.events = events;
    this.#shownCount = events.length;
  }

  /** The panel asks for nothing but a snapshot: in a replay there is nobody to steer. */
  post(): void {
    this.show(this.#shownCount);
  }

  subscribe(receive: (message: HostToPanel) => void): () => void {
    this.#receivers.add(receive);
    return () => {
      this.#receivers.delete(receive);
    };
  }

  /** Shows the state after the first `count` events. */
  show(count: number): void {
    const isForward = count > this.#shownCount;
    const message: HostToPanel = isForward
      ? {
          type: 'trace/append',
          requestId: this.#requestId,
          events: this.events.slice(this.#shownCount, count),
        }
      : { type: 'trace/snapshot', requestId: this.#requestId, events: this.events.slice(0, count) };
    this.#shownCount = count;
    for (const receive of this.#receivers) receive(message);
  }

  get #requestId(): string {
    const [first] = this.events;
    return first?.type === 'request/started' ? first.requestId : 'trace';
  }
}
