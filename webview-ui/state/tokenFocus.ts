import type { CandidateId } from '../../protocol/traceEvent.ts';

/** The token that strip, chart and tooltip agree on, and which of them set it. */
export interface FocusedToken {
  readonly candidateId: CandidateId;
  readonly tokenIndex: number;
  readonly by: 'pointer' | 'keyboard' | 'chart' | 'lane';
}

/**
 * Links the views of one candidate's tokens. Kept out of the panel's state: it changes with every pointer move,
 * and only the views that follow it draw again.
 */
export class TokenFocus {
  #focused: FocusedToken | null = null;
  readonly #listeners = new Set<() => void>();

  get focused(): FocusedToken | null {
    return this.#focused;
  }

  set(focused: FocusedToken | null): void {
    const before = this.#focused;
    if (
      before?.candidateId === focused?.candidateId &&
      before?.tokenIndex === focused?.tokenIndex &&
      before?.by === focused?.by
    ) {
      return;
    }
    this.#focused = focused;
    for (const listener of this.#listeners) listener();
  }

  /** Calls back after every change until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
