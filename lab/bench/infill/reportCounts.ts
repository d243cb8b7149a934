import type { CompletionReport } from '../../../protocol/messages.ts';
import { percentile } from '../figure.ts';

/** Counts what the reports of completions say: why nothing was shown, and how long the prompts were. */
export class ReportCounts {
  readonly #reasons = new Map<string, number>();
  readonly #promptTokens: number[] = [];

  add({ suppressed, promptTokenCount }: Pick<CompletionReport, 'suppressed' | 'promptTokenCount'>): void {
    this.#promptTokens.push(promptTokenCount);
    if (suppressed !== null) this.#reasons.set(suppressed, (this.#reasons.get(suppressed) ?? 0) + 1);
  }

  /** Two sentences for a report. */
  get note(): string {
    const why = [...this.#reasons].map(([reason, count]) => `${reason} ${count}`).join(', ');
    const sorted = this.#promptTokens.toSorted((a, b) => a - b);
    return `Nothing shown: ${why === '' ? 'never' : why}. Prompts: ${percentile(sorted, 0.5)} tokens in the median.`;
  }
}
