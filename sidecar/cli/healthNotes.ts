import type { Health } from '../../protocol/health.ts';

/** Says each note of a model that serves once, however often its health changes. */
export class HealthNotes {
  readonly #said = new Set<string>();

  /** The notes that were not returned before. */
  unsaid(health: Health): readonly string[] {
    if (health.state !== 'ready') return [];
    const notes = health.notes.filter((note) => !this.#said.has(note));
    for (const note of notes) this.#said.add(note);
    return notes;
  }
}
