import type { HostToPanel } from '../../protocol/panelMessages.ts';
import type { PanelHost } from './panelHost.ts';
import { initialPanelState, receiveMessages, type PanelState } from './panelState.ts';

/** Runs a callback before the next paint, and returns how to call that off. */
export type FrameScheduler = (callback: () => void) => () => void;

/**
 * Holds the panel's state and takes in messages once per frame, however many arrived. Says `panel/ready` on
 * connection, which asks the host for a snapshot.
 */
export class PanelStore {
  #state = initialPanelState;
  readonly #listeners = new Set<() => void>();
  readonly #host: PanelHost;
  readonly #schedule: FrameScheduler;
  #waiting: HostToPanel[] = [];
  #cancelFrame: (() => void) | null = null;

  constructor(host: PanelHost, schedule: FrameScheduler) {
    this.#host = host;
    this.#schedule = schedule;
  }

  get state(): PanelState {
    return this.#state;
  }

  /** Starts listening; the returned function stops it and drops what has not been taken in. */
  connect(): () => void {
    const unsubscribe = this.#host.subscribe((message) => {
      this.#waiting.push(message);
      this.#cancelFrame ??= this.#schedule(() => {
        this.#takeIn();
      });
    });
    this.#host.post({ type: 'panel/ready' });
    return () => {
      unsubscribe();
      this.#cancelFrame?.();
      this.#cancelFrame = null;
      this.#waiting = [];
    };
  }

  /** Calls back after every change until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #takeIn(): void {
    this.#cancelFrame = null;
    const messages = this.#waiting;
    this.#waiting = [];
    const { state, replies } = receiveMessages(this.#state, messages);
    for (const reply of replies) this.#host.post(reply);
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
