/** Samples kept per batch size; their median rides out a scheduler hiccup. */
const samplesKept = 7;
/** Samples of a size before its median is believed over hope. */
const samplesBelieved = 2;
/** Share of a one-token step that each further token is taken to cost until measured: what a GPU would give. */
const hopefulSlope = 0.1;
/** Calls after which a size that was not used is open to hope again: the machine may have been busy then. */
const callsRemembered = 512;

interface Measured {
  readonly samplesMs: readonly number[];
  readonly atCall: number;
}

/**
 * What one decode call costs by its token count, learnt from the calls that happen anyway: nothing is decoded
 * only to measure it. Between measured sizes the cost is interpolated; above the largest it is priced hopefully,
 * so that a longer draft is tried twice, known, and tried again after 512 calls. That bounds what hope can waste.
 */
export class BatchCost {
  readonly #measured = new Map<number, Measured>();
  #calls = 0;

  /** One decode call with its sampling and statistics. Calls that also prefilled do not belong here. */
  record(tokens: number, durationMs: number): void {
    this.#calls += 1;
    const before = this.#measured.get(tokens);
    const kept = before === undefined || this.#isStale(before) ? [] : before.samplesMs;
    this.#measured.set(tokens, {
      samplesMs: [...kept, durationMs].slice(-samplesKept),
      atCall: this.#calls,
    });
  }

  /** Milliseconds a call of `tokens` is expected to take; null before any size is known. */
  expectedMs(tokens: number): number | null {
    const known = this.#known();
    const first = known[0];
    if (first === undefined) return null;
    const below = known.findLast((point) => point.tokens <= tokens);
    const above = known.find((point) => point.tokens >= tokens);
    if (below === undefined) return (first.medianMs * tokens) / first.tokens;
    if (above === undefined) {
      const oneTokenMs = first.medianMs / first.tokens;
      return below.medianMs + hopefulSlope * oneTokenMs * (tokens - below.tokens);
    }
    if (above.tokens === below.tokens) return below.medianMs;
    const share = (tokens - below.tokens) / (above.tokens - below.tokens);
    return below.medianMs + share * (above.medianMs - below.medianMs);
  }

  #known(): readonly { readonly tokens: number; readonly medianMs: number }[] {
    return [...this.#measured]
      .filter(([, measured]) => measured.samplesMs.length >= samplesBelieved && !this.#isStale(measured))
      .map(([tokens, measured]) => ({ tokens, medianMs: medianOf(measured.samplesMs) }))
      .sort((a, b) => a.tokens - b.tokens);
  }

  #isStale(measured: Measured): boolean {
    return this.#calls - measured.atCall > callsRemembered;
  }
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = Math.floor(sorted.length / 2);
  const high = sorted[upper] ?? 0;
  return sorted.length % 2 === 1 ? high : ((sorted[upper - 1] ?? 0) + high) / 2;
}
