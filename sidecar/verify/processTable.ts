import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** One process at one moment. */
export interface ProcessEntry {
  readonly id: number;
  readonly parentId: number;
  readonly groupId: number;
  /** Resident. */
  readonly memoryBytes: number;
  /** It only waits to be fetched by its parent. */
  readonly hasEnded: boolean;
  /** With the id it names one process for good; the id alone is given anew. In no unit. */
  readonly startedAt: string;
}

export interface TableReading {
  /** Identifiers of all processes, also of those that were passed over. */
  readonly ids: readonly number[];
  /**
   * To be walked through once. Null for a process that was gone before it could be read: what it started in that
   * moment is in no list.
   */
  readonly entries: Iterable<ProcessEntry | null>;
}

/** By what processes are known that left every group and every parent. */
export interface ProcessSign {
  /** Its real path. Nobody else works in it. */
  readonly folder: string;
  /** As in the environment: `NAME=value`. */
  readonly variable: string;
}

/** What a system says of its processes. */
export interface ProcessTable {
  /** Costs some milliseconds, and less the more ids are passed over. */
  read(passedOver: ReadonlySet<number>): TableReading;
  /** Whether a process works in the folder or has the variable; null where it ended meanwhile. */
  hasMarker(entry: ProcessEntry, sign: ProcessSign): boolean | null;
}

/** Null where the system has no such table that could be read here. */
export function systemProcessTable(platform: NodeJS.Platform): ProcessTable | null {
  if (platform === 'linux') return procTable;
  return platform === 'darwin' ? listedTable : null;
}

/** Page size of every machine on which /proc is read here; larger pages would only be counted too low. */
const pageBytes = 4096;

/** Reads the processes of Linux from its files in /proc. */
const procTable: ProcessTable = {
  read: (passedOver) => {
    const ids = readdirSync('/proc')
      .map(Number)
      .filter((id) => Number.isInteger(id));
    return { ids, entries: entriesOf(ids.filter((id) => !passedOver.has(id))) };
  },
  hasMarker: ({ id, groupId }, { folder, variable }) => {
    // The kernel's own have neither.
    if (groupId === 0) return false;
    const workingFolder = readOf(() => readlinkSync(`/proc/${id}/cwd`));
    if (workingFolder === null) return null;
    // The path of a folder that was removed is followed by a note.
    if (`${workingFolder.replace(/ \(deleted\)$/u, '')}/`.startsWith(`${folder}/`)) return true;
    const environment = readOf(() => readFileSync(`/proc/${id}/environ`, 'utf8'));
    // A process about to end has no memory any more, and no environment in it.
    if (environment === '' && (statOf(id)?.memoryBytes ?? 0) === 0) return null;
    return environment?.split('\0').includes(variable) ?? null;
  },
};

/** Each is read when it is asked for, since what is read first is old when the last one comes. */
function* entriesOf(ids: readonly number[]): Generator<ProcessEntry | null> {
  for (const id of ids) yield statOf(id);
}

function statOf(id: number): ProcessEntry | null {
  const stat = readOf(() => readFileSync(`/proc/${id}/stat`, 'utf8'));
  if (stat === null) return null;
  // The name in parentheses may hold anything. After it: state, parent, group; start as 20th, resident pages as 22nd.
  const fields = stat.split(') ').at(-1)?.split(' ') ?? [];
  return {
    id,
    parentId: Number(fields[1]),
    groupId: Number(fields[2]),
    memoryBytes: Number(fields[21]) * pageBytes,
    hasEnded: /^[ZXx]$/u.test(fields[0] ?? ''),
    startedAt: fields[19] ?? '',
  };
}

/** Empty where it is not ours to read; null where its process is gone. */
function readOf(read: () => string): string | null {
  try {
    return read();
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : null;
    return code === 'EACCES' || code === 'EPERM' ? '' : null;
  }
}

/** Reads the processes of any Unix by its program `ps`, which shows neither folders nor environments. */
export const listedTable: ProcessTable = {
  read: (passedOver) => {
    // An option each: text after an equals sign is a heading, up to the end of the option in some systems.
    const columns = ['pid=', 'ppid=', 'pgid=', 'rss=', 'state=', 'lstart='].flatMap((name) => ['-o', name]);
    const { stdout } = spawnSync('ps', ['-A', ...columns], { encoding: 'utf8' });
    const rows = stdout.split('\n').flatMap((line): readonly ProcessEntry[] => {
      const [id, parentId, groupId, kilobytes, state = '', ...started] = line.trim().split(/\s+/u);
      const entry = {
        id: Number(id),
        parentId: Number(parentId),
        groupId: Number(groupId),
        memoryBytes: Number(kilobytes) * 1024,
        hasEnded: state.startsWith('Z'),
        startedAt: started.join(' '),
      };
      return id === '' || Number.isNaN(entry.memoryBytes) ? [] : [entry];
    });
    return { ids: rows.map(({ id }) => id), entries: rows.filter(({ id }) => !passedOver.has(id)) };
  },
  hasMarker: () => false,
};
