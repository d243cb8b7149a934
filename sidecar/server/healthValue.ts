import type { Health } from '../../protocol/health.ts';

/** The health of the sidecar: a value with listeners. Setting an equal value tells nobody. */
export class HealthValue {
  private current: Health = { state: 'starting' };
  private readonly listeners = new Set<(health: Health) => void>();

  get value(): Health {
    return this.current;
  }

  set(next: Health): void {
    if (JSON.stringify(next) === JSON.stringify(this.current)) return;
    this.current = next;
    for (const listener of this.listeners) listener(next);
  }

  /** Calls back on every change until the returned function is called. */
  subscribe(listener: (health: Health) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
