import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { treeEndOf } from '../../protocol/processTree.ts';
import type { Clock } from '../process/clock.ts';
import {
  type ProcessEntry,
  type ProcessSign,
  type ProcessTable,
  systemProcessTable,
} from './processTable.ts';

/** What a command and everything that it started take at one moment. */
export interface ProcessUse {
  readonly processCount: number;
  readonly memoryBytes: number;
}

interface Look {
  readonly members: readonly ProcessEntry[];
  /** False where a process ended before it could be identified: it may have been a member, and left a successor. */
  readonly isSure: boolean;
}

/** A chain of processes that replace each other is broken within a few looks, unless it takes all of the machine. */
const endingMs = 5000;
/** Looks follow each other at once for so long, which a chain can hardly dodge; then others have their turn. */
const chasingMs = 10;
const restMs = 1;

/**
 * The processes that a command started: those of its group, those that work in its folder or have its mark in their
 * environment, those whose parent is one of these, and whatever was one of these in an earlier look. Where the system
 * has no table of processes, the command's tree can be ended and nothing can be counted.
 */
export class CommandProcesses {
  /** Process of the command itself, which leads the group. */
  readonly #id: number;
  readonly #sign: ProcessSign;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #table: ProcessTable | null;
  /** Start of each that ever was one, by id. */
  readonly #known = new Map<number, string>();
  /** Who is none at first sight never becomes one. */
  #strangers: ReadonlySet<number> = new Set<number>();

  constructor(
    id: number,
    options: {
      readonly sign: ProcessSign;
      readonly clock: Pick<Clock, 'now'>;
      readonly table?: ProcessTable | null;
    },
  ) {
    const { sign, clock, table = systemProcessTable(process.platform) } = options;
    this.#id = id;
    this.#sign = sign;
    this.#clock = clock;
    this.#table = table;
  }

  /** Null where the system does not tell: then time, output and files alone bound the command. */
  use(): ProcessUse | null {
    const look = this.#look();
    if (look === null) return null;
    return {
      processCount: look.members.length,
      memoryBytes: look.members.reduce((total, { memoryBytes }) => total + memoryBytes, 0),
    };
  }

  /** Ends those that one look finds. */
  kill(): void {
    this.#killFound();
  }

  /** Ends all: looks again until two looks in a row find none, or for some seconds where that never comes. */
  async end(): Promise<void> {
    const untilMs = this.#clock.now() + endingMs;
    let emptyCount = 0;
    while (emptyCount < 2 && this.#clock.now() < untilMs) {
      const chasedMs = this.#clock.now() + chasingMs;
      let isFound = this.#killFound();
      while (isFound && this.#clock.now() < chasedMs) isFound = this.#killFound();
      emptyCount = isFound ? 0 : emptyCount + 1;
      await pause(restMs);
    }
  }

  /** Returns whether there was, or may have been, one. */
  #killFound(): boolean {
    const treeEnd = treeEndOf(this.#id, { platform: process.platform, variables: process.env });
    if (treeEnd.type === 'program') {
      spawnSync(treeEnd.program, treeEnd.parameters, { stdio: 'ignore', windowsHide: true });
      return false;
    }
    // The group at once, which leaves none of it time to start another, and everybody else as soon as they are found.
    kill(treeEnd.target);
    const look = this.#look(({ id }) => {
      kill(id);
    });
    return look !== null && (look.members.length > 0 || !look.isSure);
  }

  #look(onMember: (entry: ProcessEntry) => void = () => undefined): Look | null {
    if (this.#table === null) return null;
    const { ids, entries } = this.#table.read(this.#strangers);
    const members: ProcessEntry[] = [];
    const others: ProcessEntry[] = [];
    const strangers = new Set(ids.filter((id) => this.#strangers.has(id)));
    let isSure = true;
    for (const entry of entries) {
      const isMember = entry === null || entry.hasEnded ? null : this.#isMember(entry);
      if (entry === null || isMember === null) {
        isSure = false;
        // Unsure only at first sight: what has ended may stay for as long as its parent does.
        if (entry?.hasEnded === true) strangers.add(entry.id);
      } else if (isMember) {
        onMember(entry);
        members.push(entry);
      } else {
        others.push(entry);
      }
    }
    // What is appended here is walked through as well: children of children.
    for (const { id } of members) {
      for (const child of others.filter(({ parentId }) => parentId === id)) {
        others.splice(others.indexOf(child), 1);
        members.push(child);
        onMember(child);
      }
    }
    for (const { id, startedAt } of members) this.#known.set(id, startedAt);
    for (const { id } of others) strangers.add(id);
    this.#strangers = strangers;
    return { members, isSure };
  }

  /** By itself, whatever its parent is; null where it ended meanwhile. */
  #isMember(entry: ProcessEntry): boolean | null {
    if (entry.id === process.pid) return false;
    if (entry.groupId === this.#id || this.#known.get(entry.id) === entry.startedAt) return true;
    return this.#table?.hasMarker(entry, this.#sign) ?? null;
  }
}

/** A negative id means a group. */
function kill(id: number): void {
  try {
    process.kill(id, 'SIGKILL');
  } catch {
    // It has ended, or became another user's, whom only the system may end.
  }
}
