import { setTimeout as delay } from 'node:timers/promises';
import { systemErrorCode } from '../process/systemError.ts';

/**
 * Windows refuses to replace or remove a file that another process has open, such as a virus scanner or a reader of this
 * product. Such a file is closed soon, or is kept for long: so these calls are tried again for about 1.3 s.
 */
const pausesMs: readonly number[] = [10, 20, 40, 80, 160, 320, 640];
const refusals: ReadonlySet<string | null> = new Set(['EPERM', 'EACCES', 'EBUSY']);

export interface RetryRules {
  readonly platform: NodeJS.Platform;
  /** Waits so many milliseconds. */
  readonly pause: (durationMs: number) => Promise<unknown>;
}

const systemRules: RetryRules = { platform: process.platform, pause: (durationMs) => delay(durationMs) };

/** Whether a call may have failed only because another process has the file open. Elsewhere than on Windows never. Pure. */
export function mayBeOpenElsewhere(thrown: unknown, platform: NodeJS.Platform): boolean {
  return platform === 'win32' && refusals.has(systemErrorCode(thrown));
}

/** Runs work on a file, on Windows again where that may help. Throws what the last try throws. */
export async function retryWhileOpen<T>(work: () => Promise<T>, rules: RetryRules = systemRules): Promise<T> {
  for (const durationMs of pausesMs) {
    try {
      return await work();
    } catch (thrown) {
      if (!mayBeOpenElsewhere(thrown, rules.platform)) throw thrown;
    }
    await rules.pause(durationMs);
  }
  return work();
}

/** The same on a thread that has nothing else to do meanwhile. */
export function retryWhileOpenBlocking(
  work: () => void,
  {
    platform,
    pause,
  }: { readonly platform: NodeJS.Platform; readonly pause: (durationMs: number) => void } = {
    platform: process.platform,
    pause: (durationMs) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs),
  },
): void {
  for (const durationMs of pausesMs) {
    try {
      work();
      return;
    } catch (thrown) {
      if (!mayBeOpenElsewhere(thrown, platform)) throw thrown;
    }
    pause(durationMs);
  }
  work();
}
