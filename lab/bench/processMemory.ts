import { readFile } from 'node:fs/promises';
import { CodedError } from '../../protocol/codedError.ts';

/** What a process holds in memory now, in megabytes of 10^6 bytes. */
export interface ProcessMemory {
  /** Its own: heaps, caches, computed copies of weights. */
  readonly anonymousMb: number;
  /** Pages of files it has mapped, shared with the page cache: programs, libraries, weights. */
  readonly fileMb: number;
}

/** Resident memory of a running process. Linux only: throws `engine.failed` elsewhere. */
export async function processMemory(processId: number): Promise<ProcessMemory> {
  try {
    return readProcessStatus(await readFile(`/proc/${processId}/status`, 'utf8'));
  } catch (cause) {
    throw new CodedError(
      'engine.failed',
      `The memory of process ${processId} cannot be read here.`,
      'Run the memory suite on Linux.',
      { cause },
    );
  }
}

/** Reads the lines that matter of Linux's `/proc/PID/status`, whose kB are 1,024 bytes. Throws for a text without. */
export function readProcessStatus(text: string): ProcessMemory {
  const megabytes = (name: string): number => {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
    if (kilobytes === undefined) throw new TypeError(`There is no ${name} in this status.`);
    return (Number(kilobytes) * 1024) / 1e6;
  };
  return { anonymousMb: megabytes('RssAnon'), fileMb: megabytes('RssFile') + megabytes('RssShmem') };
}
