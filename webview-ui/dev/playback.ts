import type { TraceEvent } from '../../protocol/traceEvent.ts';

/** How many events had happened by a time. Pure; `events` are in order of time. */
export function eventCountAt(events: readonly TraceEvent[], timeMs: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.timeMs ?? Infinity) <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
