/** How long a place is looked at, or left alone after a change, until it is offered. */
export const quietMs = { visited: 1_000, edited: 3_000, cells: 2_000, imports: 2_000 };

/** What a plan has to know of a document. */
export interface PlannedDocument {
  readonly uri: { toString(): string };
  readonly isClosed: boolean;
}

/** What is done with a document once it has been quiet, and what cannot wait. */
export interface OfferActions<D> {
  /** Runs something after so many milliseconds; returns what calls it off. */
  readonly after: (delayMs: number, run: () => void) => () => void;
  /** Whether parts of a document are offered at all. Asked with every key. */
  readonly isWanted: (document: D) => boolean;
  readonly offerSeen: (document: D) => void;
  readonly offerEdited: (document: D, line: number) => void;
  readonly offerCells: (document: D) => void;
  readonly lookUpImports: (document: D) => void;
  readonly stopLookUp: (document: D) => void;
}

/**
 * Plans when parts of documents are offered. Nothing is looked at while the user types: each event only sets a timer of its
 * document anew. Owns the timers.
 */
export class OfferPlan<D extends PlannedDocument> {
  readonly #actions: OfferActions<D>;
  /** What calls off a timer, by what it is for and its document. */
  readonly #timers = new Map<string, () => void>();

  constructor(actions: OfferActions<D>) {
    this.#actions = actions;
  }

  /** A document is in the active editor from now on, or somebody is there now who can take offers. */
  opened(document: D): void {
    this.visited(document);
    this.#after('cells', document, () => {
      this.#actions.offerCells(document);
    });
    this.#planImports(document);
  }

  /** Another part of a document is in sight, or the cursor is elsewhere in it. */
  visited(document: D): void {
    this.#after('visited', document, () => {
      this.#actions.offerSeen(document);
    });
  }

  /** A document was changed at a line. Its imports may be others now, which counts in the active editor alone. */
  edited(document: D, { line, isActive }: { readonly line: number; readonly isActive: boolean }): void {
    this.#actions.stopLookUp(document);
    this.#after('edited', document, () => {
      this.#actions.offerEdited(document, line);
    });
    if (isActive) this.#planImports(document);
  }

  dispose(): void {
    for (const callOff of this.#timers.values()) callOff();
    this.#timers.clear();
  }

  #planImports(document: D): void {
    this.#after('imports', document, () => {
      this.#actions.lookUpImports(document);
    });
  }

  #after(what: keyof typeof quietMs, document: D, run: () => void): void {
    if (!this.#actions.isWanted(document)) return;
    const key = `${what} ${document.uri.toString()}`;
    this.#timers.get(key)?.();
    const callOff = this.#actions.after(quietMs[what], () => {
      this.#timers.delete(key);
      if (!document.isClosed) run();
    });
    this.#timers.set(key, callOff);
  }
}
