import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { isRecord } from '../../protocol/isRecord.ts';
import { processLife, startOf } from '../process/processLife.ts';
import { jsonRecord } from './jsonRecord.ts';

/** Who has a lock: the content of its file. Another process can find out from it whether that one still runs. */
export interface LockOwner {
  readonly processId: number;
  /** When the process started, in the system's own count; null where the system does not say. */
  readonly startedAt: string | null;
  /** Where `processId` names a process: host, boot, and, on Linux, the namespace of process ids. */
  readonly place: string;
  /** Names this one taking of the lock. No two are the same, in one process or in several. */
  readonly token: string;
}

/** This process, with a token for one taking of a lock. */
export function newLockOwner(): LockOwner {
  return {
    processId: process.pid,
    startedAt: startOf(process.pid),
    place: placeOfProcess(),
    token: randomUUID(),
  };
}

/** Null for text that names no owner: a lock that is being written, or one of another version. */
export function parseLockOwner(text: string): LockOwner | null {
  return lockOwnerOf(jsonRecord(text));
}

/** The same of a value that was read from JSON. */
export function lockOwnerOf(value: unknown): LockOwner | null {
  if (!isRecord(value)) return null;
  const { processId, startedAt, place, token } = value;
  if (typeof processId !== 'number' || !Number.isInteger(processId) || processId < 1) return null;
  if (typeof startedAt !== 'string' && startedAt !== null) return null;
  if (typeof place !== 'string' || typeof token !== 'string') return null;
  return { processId, startedAt, place, token };
}

/**
 * Whether the process that wrote a lock still runs. `unknown` for one in another place, such as a container that
 * shares the home folder, and where the system does not say when a process started: its id may have a new owner.
 */
export function ownerState({ processId, startedAt, place }: LockOwner): 'running' | 'gone' | 'unknown' {
  if (place !== placeOfProcess()) return 'unknown';
  return processLife({ processId, startedAt });
}

let knownPlace: string | null = null;

function placeOfProcess(): string {
  knownPlace ??= [
    hostname(),
    readIfThere(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    readIfThere(() => readlinkSync('/proc/self/ns/pid')),
  ].join(' ');
  return knownPlace;
}

function readIfThere(read: () => string): string | null {
  try {
    return read();
  } catch {
    // Another system than Linux, or one that shows less: what is not known is not relied on.
    return null;
  }
}
