import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { CodedError } from '../../protocol/codedError.ts';
import { parseTrace, unreadableTrace } from '../../protocol/parseTrace.ts';
import type { TraceEvent } from '../../protocol/traceEvent.ts';
import { isDiskFull } from '../process/systemError.ts';
import { ownerOnly } from '../storage/replaceFile.ts';

/** Takes the events of one trace, in order. */
export interface TraceSink {
  readonly path: string;
  /** Throws `disk.full` or `store.unwritable`. */
  write(event: TraceEvent): void;
  /** Throws what `write` throws. Idempotent. */
  close(): void;
}

/**
 * Writes one request's trace: JSON Lines, one event a line, each handed to the operating system as it happens, so
 * that a crash leaves every event up to then. Owned by its opener.
 */
export class TraceWriter implements TraceSink {
  readonly path: string;
  #descriptor: number | null;

  /** Creates the file. Throws the file system's error, `EEXIST` when there is one already. */
  constructor(path: string) {
    this.path = path;
    this.#descriptor = openSync(path, 'wx', ownerOnly);
  }

  /** Throws `disk.full` or `store.unwritable`; the file then ends with the last whole line or a cut one. */
  write(event: TraceEvent): void {
    if (this.#descriptor === null) throw new Error('The trace was closed before its last event.');
    try {
      writeAll(this.#descriptor, Buffer.from(`${JSON.stringify(event)}\n`));
    } catch (error) {
      throw writeFailure(this.path, error);
    }
  }

  /** Idempotent. */
  close(): void {
    if (this.#descriptor === null) return;
    closeSync(this.#descriptor);
    this.#descriptor = null;
  }
}

/**
 * Keeps a trace in memory and writes the whole file when it is closed: a process that is killed before leaves no file.
 * For requests with few events.
 */
export class DeferredTraceWriter implements TraceSink {
  readonly path: string;
  #lines: string[] | null = [];

  constructor(path: string) {
    this.path = path;
  }

  write(event: TraceEvent): void {
    if (this.#lines === null) throw new Error('The trace was closed before its last event.');
    this.#lines.push(`${JSON.stringify(event)}\n`);
  }

  /** Leaves no file where it cannot be written whole. */
  close(): void {
    if (this.#lines === null) return;
    const text = this.#lines.join('');
    this.#lines = null;
    try {
      const descriptor = openSync(this.path, 'wx', ownerOnly);
      try {
        writeAll(descriptor, Buffer.from(text));
      } catch (error) {
        rmSync(this.path, { force: true });
        throw error;
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      throw writeFailure(this.path, error);
    }
  }
}

function writeAll(descriptor: number, bytes: Buffer): void {
  let written = 0;
  while (written < bytes.length) written += writeSync(descriptor, bytes, written);
}

/** A file system error while writing a trace, as a coded error. */
export function writeFailure(path: string, cause: unknown): CodedError {
  return isDiskFull(cause)
    ? new CodedError(
        'disk.full',
        `The disk is full, so the trace ${path} is incomplete.`,
        'Free some space or lower the limits on kept traces.',
        { cause },
      )
    : new CodedError(
        'store.unwritable',
        `The trace ${path} could not be written, so it is missing or incomplete.`,
        'Make the folder of traces writable or choose another store in the settings.',
        { cause },
      );
}

/**
 * All events of a trace file. A last line that was cut off by a crash is left out. Throws `trace.unreadable` for a
 * file that cannot be opened, that is not a trace, or that a newer version wrote.
 */
export async function readTraceFile(path: string): Promise<readonly TraceEvent[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw unreadableTrace(path, 'it could not be opened', { cause });
  }
  return parseTrace(text, path);
}
