import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What a process and all that it started take at one moment. */
export interface GroupUse {
  readonly processCount: number;
  readonly memoryBytes: number;
}

/** Page size of every machine on which /proc is read here; larger pages would only be counted too low. */
const pageBytes = 4096;

/**
 * Counts the processes of a group and the memory they hold. Null where the system does not tell: then only time and
 * output bound them. Costs some milliseconds.
 */
export function groupUse(groupId: number): GroupUse | null {
  const { platform } = process;
  if (platform !== 'linux' && platform !== 'darwin') return null;
  const stats = platform === 'linux' ? statsOf(runningProcesses()) : listedProcesses();
  return sum(stats.filter((stat) => stat.groupId === groupId));
}

/** Ends a process and all of its group at once, which leaves none of them time to start another. */
export function killGroup(groupId: number): void {
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(groupId), '/T', '/F'], { stdio: 'ignore', windowsHide: true });
    return;
  }
  try {
    process.kill(-groupId, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}

/**
 * Ends processes that left their group but not their environment, which holds `mark`. Linux alone shows it; elsewhere
 * a process that starts a session of its own outlives this.
 */
export function killMarked(mark: string): void {
  if (process.platform !== 'linux') return;
  for (const processId of runningProcesses()) {
    if (processId === process.pid || !environmentOf(processId).includes(mark)) continue;
    try {
      process.kill(processId, 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
}

interface ProcessStat {
  readonly groupId: number;
  readonly memoryBytes: number;
}

function sum(stats: readonly ProcessStat[]): GroupUse {
  return {
    processCount: stats.length,
    memoryBytes: stats.reduce((total, { memoryBytes }) => total + memoryBytes, 0),
  };
}

function runningProcesses(): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((id) => Number.isInteger(id));
}

function statsOf(processIds: readonly number[]): readonly ProcessStat[] {
  return processIds.flatMap((processId) => {
    try {
      // The name in parentheses may hold anything; behind it are state, parent, group, … and as 22nd the resident pages.
      const fields = readFileSync(`/proc/${processId}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
      const [groupId, pages] = [Number(fields[2]), Number(fields[21])];
      return Number.isInteger(groupId) ? [{ groupId, memoryBytes: (pages || 0) * pageBytes }] : [];
    } catch {
      return [];
    }
  });
}

function environmentOf(processId: number): string {
  try {
    return readFileSync(`/proc/${processId}/environ`, 'utf8');
  } catch {
    return '';
  }
}

function listedProcesses(): readonly ProcessStat[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pgid=,rss='], { encoding: 'utf8' });
  return stdout.split('\n').flatMap((line) => {
    const [groupId, kilobytes] = line.trim().split(/\s+/u).map(Number);
    return groupId === undefined || kilobytes === undefined
      ? []
      : [{ groupId, memoryBytes: kilobytes * 1024 }];
  });
}
