import type { FetchProgress } from '../../protocol/messages.ts';
import type { Clock } from '../process/clock.ts';
import { TransferRate } from './transferRate.ts';

/** Often enough for a bar that moves, rare enough for a wire. */
const leastGapMs = 100;

/**
 * Turns the byte counts of a fetch into progress with a speed, at most ten times a second. The first and the last
 * count of each phase always get through.
 */
export class ProgressReporter {
  readonly #onProgress: (progress: FetchProgress) => void;
  readonly #clock: Pick<Clock, 'now'>;
  #source: FetchProgress['source'] = 'hub';
  #phase: FetchProgress['phase'] | null = null;
  #rate = new TransferRate();
  #lastReportMs = -Infinity;

  constructor(onProgress: (progress: FetchProgress) => void, clock: Pick<Clock, 'now'>) {
    this.#onProgress = onProgress;
    this.#clock = clock;
  }

  /** Names where bytes come from; holds for all later reports. */
  from(source: FetchProgress['source']): void {
    this.#source = source;
    this.#phase = null;
  }

  report(phase: FetchProgress['phase'], doneBytes: number, totalBytes: number | null): void {
    const timeMs = this.#clock.now();
    const isFirst = phase !== this.#phase;
    if (isFirst) {
      this.#phase = phase;
      this.#rate = new TransferRate();
    }
    const isLast = doneBytes === totalBytes;
    if (!isFirst && !isLast && timeMs - this.#lastReportMs < leastGapMs) return;
    this.#lastReportMs = timeMs;
    const bytesPerSecond = this.#rate.add(timeMs, doneBytes);
    this.#onProgress({ phase, source: this.#source, doneBytes, totalBytes, bytesPerSecond });
  }
}
