import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { CodedError } from '../../../protocol/codedError.ts';

let ticks: number | null = null;

/** Seconds of processor time that a running process has spent. Linux only: throws `engine.failed` elsewhere. */
export async function processSeconds(processId: number): Promise<number> {
  try {
    ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
    return readProcessStat(await readFile(`/proc/${processId}/stat`, 'utf8')) / ticks;
  } catch (cause) {
    throw new CodedError(
      'engine.failed',
      `The processor time of process ${processId} cannot be read here.`,
      'Run this suite on Linux.',
      { cause },
    );
  }
}

/** Ticks in user and kernel mode, of all threads, of Linux's `/proc/PID/stat`. Throws for a text without. */
export function readProcessStat(text: string): number {
  // The name of the program is in parentheses and may have any character, so fields are counted after it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [user, kernel] = [Number(fields[11]), Number(fields[12])];
  if (!Number.isInteger(user) || !Number.isInteger(kernel))
    throw new TypeError('There are no times in this text.');
  return user + kernel;
}
