import type { FetchProgress } from '../../protocol/messages.ts';

/** A step of a progress bar: how far it moves, in hundredths, and what it says. */
export interface ProgressStep {
  readonly increment: number;
  readonly message: string;
}

const phaseWords: Readonly<Record<FetchProgress['phase'], string>> = {
  wait: 'Another window fetches it',
  download: 'Downloading',
  assemble: 'Joining the parts',
  verify: 'Checking',
};

/** The step from one progress report to the next. The bar follows the download; the phases after it only speak. */
export function progressStep(previous: FetchProgress | null, now: FetchProgress): ProgressStep {
  const before = previous?.phase === now.phase ? percentOf(previous) : 0;
  const increment = now.phase === 'download' ? Math.max(0, percentOf(now) - before) : 0;
  const total = now.totalBytes === null ? '' : ` of ${megabytes(now.totalBytes)}`;
  return { increment, message: `${phaseWords[now.phase]}: ${megabytes(now.doneBytes)}${total}${pace(now)}` };
}

function pace({ bytesPerSecond, doneBytes, totalBytes }: FetchProgress): string {
  if (bytesPerSecond === null || bytesPerSecond <= 0) return '';
  const speed = `, ${megabytes(bytesPerSecond)}/s`;
  if (totalBytes === null) return speed;
  return `${speed}, ${duration((totalBytes - doneBytes) / bytesPerSecond)} left`;
}

function percentOf({ doneBytes, totalBytes }: FetchProgress): number {
  return totalBytes === null || totalBytes === 0 ? 0 : Math.min(100, (100 * doneBytes) / totalBytes);
}

function megabytes(bytes: number): string {
  const value = bytes / 1e6;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} MB`;
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  return `${Math.ceil(seconds / 60)} min`;
}
