import { closeSync, openSync, readSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Between two looks at the thread. Ticks of the kernel are as far apart. */
const lookEveryMs = 1;

/** When the thread was looked at, and what it had run until then. Microseconds; the clock is the profiler's. */
interface Look {
  readonly atUs: number;
  readonly ranUs: number;
}

/**
 * Looks at how long the main thread of a process has run, until it is told to stop. A profiler counts the time in which other
 * programs had the processor; this does not. Linux only.
 */
export function watchMainThread(pid: number): { stop(): Promise<(fromUs: number, toUs: number) => number> } {
  const looks: Look[] = [];
  const over = new AbortController();
  const watching = (async () => {
    // Its first number is nanoseconds on a processor: Documentation/scheduler/sched-stats.rst of Linux.
    const file = openSync(`/proc/${pid}/task/${pid}/schedstat`, 'r');
    const buffer = Buffer.alloc(96);
    try {
      while (!over.signal.aborted) {
        const length = readSync(file, buffer, 0, buffer.length, 0);
        const [ranNs] = buffer.toString('latin1', 0, length).split(' ');
        looks.push({ atUs: Number(process.hrtime.bigint() / 1000n), ranUs: Number(ranNs) / 1000 });
        await delay(lookEveryMs);
      }
    } finally {
      closeSync(file);
    }
  })();
  return {
    async stop() {
      over.abort();
      await watching;
      return (fromUs, toUs) => ranAt(looks, toUs) - ranAt(looks, fromUs);
    },
  };
}

/** Microseconds that the thread had run at a moment: between two looks as if it ran evenly. */
function ranAt(looks: readonly Look[], atUs: number): number {
  const next = looks.findIndex((look) => look.atUs >= atUs);
  const after = looks[next];
  const before = looks[next - 1];
  if (after === undefined) return looks.at(-1)?.ranUs ?? 0;
  if (before === undefined) return after.ranUs;
  const share = (atUs - before.atUs) / (after.atUs - before.atUs);
  return before.ranUs + share * (after.ranUs - before.ranUs);
}
