import type { Health } from '../../protocol/health.ts';

/** The health of the sidecar: a value with listeners. Setting an equal value calls no listener. */
export class HealthValue {
  private model: Health = { state: 'starting' };
  private current: Health = this.model;
  /** What is said of a model that serves, whichever it is. */
  private lastingNote: string | null = null;
  private readonly listeners = new Set<(health: Health) => void>();

  get value(): Health {
    return this.current;
  }

  set(next: Health): void {
    this.model = next;
    this.tell();
  }

  /** Adds a note to those of every model that serves, until it is replaced; null takes it away. */
  note(text: string | null): void {
    this.lastingNote = text;
    this.tell();
  }

  /** Calls back on every change until the returned function is called. */
  subscribe(listener: (health: Health) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private tell(): void {
    const { model, lastingNote } = this;
    const next =
      model.state === 'ready' && lastingNote !== null
        ? { ...model, notes: [...model.notes, lastingNote] }
        : model;
    if (JSON.stringify(next) === JSON.stringify(this.current)) return;
    this.current = next;
    for (const listener of this.listeners) listener(next);
  }
}
