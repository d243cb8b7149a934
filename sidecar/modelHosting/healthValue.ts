import type { Health, ModelHealth, ModelPace, ServerStandIn } from '../../protocol/health.ts';

/** What a lasting note is about; each topic has one at most. */
export type NoteTopic = 'day' | 'completions';

/** The health of the sidecar: a value with listeners. Setting an equal value calls no listener. */
export class HealthValue {
  private questions: ModelHealth = { state: 'starting' };
  private completions: ModelHealth | null = null;
  private standIn: ServerStandIn | null = null;
  private current: Health = this.questions;
  /** What is said beside the notes of the models, whichever they are. */
  private readonly lasting = new Map<NoteTopic, string>();
  private readonly listeners = new Set<(health: Health) => void>();

  get value(): Health {
    return this.current;
  }

  /** Of the model for questions. */
  set(next: ModelHealth): void {
    this.questions = next;
    this.tell();
  }

  /** Of the model for completions; null where the one for questions writes them. */
  setCompletions(next: ModelHealth | null): void {
    this.completions = next;
    this.tell();
  }

  /** Answers questions while the server of their model is away; null where none is to. */
  setStandIn(next: ServerStandIn | null): void {
    this.standIn = next;
    this.tell();
  }

  /** A model was measured that one of the roles is served by, as long as it is ready. */
  setPace(role: 'questions' | 'completions', pace: ModelPace): void {
    if (role === 'questions' && this.questions.state === 'ready')
      this.questions = { ...this.questions, pace };
    if (role === 'completions' && this.completions?.state === 'ready')
      this.completions = { ...this.completions, pace };
    this.tell();
  }

  /**
   * Adds a note to those of a model that serves, until it is replaced; null takes it away. The model for questions has it, or
   * where that does not serve the one for completions.
   */
  note(topic: NoteTopic, text: string | null): void {
    if (text === null) this.lasting.delete(topic);
    else this.lasting.set(topic, text);
    this.tell();
  }

  /** Calls back on every change until the returned function is called. */
  subscribe(listener: (health: Health) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private tell(): void {
    const { questions, completions } = this;
    const lasting = [...this.lasting.values()];
    const own = questions.state === 'ready' ? withNotes(questions, lasting) : questions;
    const others = questions.state === 'ready' ? [] : lasting;
    const next: Health = {
      ...own,
      ...(completions !== null && { completions: withNotes(completions, others) }),
      ...(this.standIn !== null && { standIn: this.standIn }),
    };
    if (JSON.stringify(next) === JSON.stringify(this.current)) return;
    this.current = next;
    for (const listener of this.listeners) listener(next);
  }
}

function withNotes(health: ModelHealth, notes: readonly string[]): ModelHealth {
  return health.state === 'ready' && notes.length > 0
    ? { ...health, notes: [...health.notes, ...notes] }
    : health;
}
