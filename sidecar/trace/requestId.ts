import type { RequestId } from '../../protocol/traceEvent.ts';
import type { Clock } from '../process/clock.ts';

/**
 * Makes request ids: time, process and a count, so that they sort by age and two processes that share a folder of
 * traces never make the same one. Letters, digits and hyphens only.
 */
export function requestIdSource(clock: Clock, processId: number): () => RequestId {
  let count = 0;
  return () => {
    const time = clock
      .date()
      .toISOString()
      .replace(/[-:]/g, '')
      .replace('T', '-')
      .replace(/\.(\d+)Z$/, '$1');
    return `${time}-${processId}-${count++}`;
  };
}
