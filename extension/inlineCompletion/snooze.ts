import * as vscode from 'vscode';

/** Silences automatic completions for a while. Forgotten when the window closes. */
export class Snooze implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  #timer: NodeJS.Timeout | null = null;
  #until: Date | null = null;

  readonly onChanged = this.#changed.event;

  /** When it ends, or null when completions are not snoozed. */
  get until(): Date | null {
    return this.#until;
  }

  begin(minutes: number): void {
    const durationMs = minutes * 60_000;
    this.#clearTimer();
    this.#until = new Date(Date.now() + durationMs);
    this.#timer = setTimeout(() => {
      this.end();
    }, durationMs);
    this.#changed.fire();
  }

  end(): void {
    this.#clearTimer();
    this.#until = null;
    this.#changed.fire();
  }

  dispose(): void {
    this.#clearTimer();
    this.#changed.dispose();
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
