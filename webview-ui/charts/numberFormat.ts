import { counted } from '../../protocol/counted.ts';
const grouped = new Intl.NumberFormat('en-GB');

/** Whole number with thousands separated: `12,345`. */
export function formatCount(value: number): string {
  return grouped.format(Math.round(value));
}

/** A count with its unit in the right number: `1 token`, `12 tokens`. */
export function formatTokens(value: number): string {
  return counted(value, 'token', formatCount);
}

/** Milliseconds in the unit that reads best: `85 ms`, `3.2 s`, `2 min 05 s`. */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
}

/** A share 0…1 as per cent; small and large ones never round to a false 0 or 100. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  if (percent > 0 && percent < 0.1) return '<0.1 %';
  if (percent < 100 && percent > 99.9) return '>99.9 %';
  return `${percent < 10 || percent > 99 ? trimZero(percent.toFixed(1)) : percent.toFixed(0)} %`;
}

/** Nats with two decimals. */
export function formatNats(nats: number): string {
  return `${nats.toFixed(2)} nats`;
}

/** An entropy that is known, or the interval in which it lies: `0.31 to 0.56 nats`. */
export function formatNatsWithin(nats: number, upperNats: number | null): string {
  return upperNats === null ? formatNats(nats) : `${nats.toFixed(2)} to ${formatNats(upperNats)}`;
}

/** Bytes in decimal units. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(0)} KB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** A decimal with a true minus sign, and none before zero. */
export function formatDecimal(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

function trimZero(text: string): string {
  return text.endsWith('.0') ? text.slice(0, -2) : text;
}
