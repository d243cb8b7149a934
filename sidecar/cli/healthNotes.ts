import { counted } from '../../protocol/counted.ts';
import type { Health } from '../../protocol/health.ts';

/** Says what is new in the health of a model, however often that changes. */
export class HealthNotes {
  readonly #said = new Set<string>();
  #state: string | null = null;

  /** What is worth a line while one waits; null where the last line says the same. */
  unsaidState(health: Health): string | null {
    const text = stateText(health);
    if (text === null || text === this.#state) return null;
    this.#state = text;
    return text;
  }

  /** The notes of a model that serves which were not returned before. */
  unsaid(health: Health): readonly string[] {
    if (health.state !== 'ready') return [];
    const notes = health.notes.filter((note) => !this.#said.has(note));
    for (const note of notes) this.#said.add(note);
    return notes;
  }
}

/** Null for what comes with the request that it ends, such as a failure. */
function stateText(health: Health): string | null {
  switch (health.state) {
    case 'loading':
      return `loading ${health.modelName}`;
    case 'ready':
      return `${health.modelName} is ready: ${health.backend}, ${counted(health.contextTokens, 'token')} of context`;
    case 'starting':
    case 'noModel':
    case 'unloaded':
    case 'failed':
      return null;
  }
}
