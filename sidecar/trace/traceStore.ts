import { mkdirSync } from 'node:fs';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { closedTrace } from '../../protocol/closedTrace.ts';
import { CodedError } from '../../protocol/codedError.ts';
import type { TraceSummary } from '../../protocol/messages.ts';
import { parseTraceEvent } from '../../protocol/parseTraceEvent.ts';
import type { RequestId, TraceEvent } from '../../protocol/traceEvent.ts';
import type { Clock } from '../process/clock.ts';
import { moveFile } from '../storage/moveFile.ts';
import {
  DeferredTraceWriter,
  readTraceFile,
  type TraceSink,
  TraceWriter,
  writeFailure,
} from './traceFile.ts';
import { viewPathOf } from './viewPath.ts';

/** Most traces kept, by number and by bytes, the views beside them included; whichever is reached first. */
export interface TraceLimits {
  /** Most trace files of questions. */
  readonly files: number;
  readonly completionFiles: number;
  /** Most bytes of both kinds together; completions get `completionShare` of them. */
  readonly bytes: number;
}

type TraceKind = TraceSummary['kind'];

/** What a trace file is made for. */
export interface TracedRequest {
  readonly requestId: RequestId;
  readonly kind: TraceKind;
}

/** Part of the bytes that is for completions and for nothing else: they never take the place of a question. */
export const completionShare = 1 / 8;
/** Folder of completions, in that of questions. */
const completionFolder = 'completions';
const extension = '.jsonl';
/** A trace without a closing event may belong to another process that is writing it; after this it is a leftover. */
const leftoverAfterMs = 60 * 60 * 1000;
/** Enough for any closing event, which holds no tokens. */
const endBytes = 4096;
/** Enough for a first event, and for one with a giant question, or with as much code as goes along with one. */
const headBytes = 64 * 1024;
const giantHeadBytes = 8 * 1024 * 1024;

/**
 * The folder of trace files: one a request, with the view beside it. Completions, which come with every pause while
 * typing, lie in a folder of their own within it and count apart. Of each kind the oldest is removed first.
 * Several processes may use the same folder at once; none removes a trace that another one is still writing.
 */
export class TraceStore {
  readonly folder: string;
  #limits: TraceLimits;
  readonly #clock: Clock;
  /** What ends each of the traces that this process is writing, by path. */
  readonly #open = new Map<string, () => void>();
  /** The last removal; each waits for the one before, so that two do not count the same files. Never rejects. */
  #pruning: Promise<void> = Promise.resolve();
  /** A removal that waits for its turn. */
  #queued: Promise<void> | null = null;
  #isSorted = false;

  constructor(folder: string, limits: TraceLimits, clock: Clock) {
    this.folder = folder;
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Takes effect when the next trace is closed. */
  changeLimits(limits: TraceLimits): void {
    this.#limits = limits;
  }

  /**
   * A new trace; `close` or `discard` it through this store. A question's file is there at once, a completion's when it is
   * closed. `end` writes the closing event and closes the trace, at once, for a process that ends before the request. Throws `disk.full` or `store.unwritable`.
   */
  create(request: TracedRequest, end: () => void): TraceSink {
    const file = this.#pathOf(request);
    try {
      mkdirSync(path.dirname(file), { recursive: true });
      const writer = request.kind === 'completion' ? new DeferredTraceWriter(file) : new TraceWriter(file);
      this.#open.set(file, end);
      return writer;
    } catch (error) {
      throw writeFailure(file, error);
    }
  }

  /** Closes a trace; the oldest ones beyond the limits are removed in the background. Throws what closing throws. */
  close(writer: TraceSink): void {
    this.#open.delete(writer.path);
    writer.close();
    // One removal that has not begun yet will see this trace too.
    this.#queued ??= this.#pruning.then(async () => {
      this.#queued = null;
      // What cannot be removed now is tried again after the next request.
      await this.#prune().catch(() => undefined);
    });
    this.#pruning = this.#queued;
  }

  /** Drops a completion's trace, which has no file before it is closed. */
  discard(writer: TraceSink): void {
    this.#open.delete(writer.path);
  }

  /** Ends every trace that is being written: the process ends. What their requests still report is not written. */
  endAll(): void {
    for (const end of [...this.#open.values()]) end();
  }

  /** Resolves when no removal is under way. */
  async whenIdle(): Promise<void> {
    await this.#pruning;
  }

  /** All readable traces, newest first. */
  async list(): Promise<readonly TraceSummary[]> {
    const files = await Promise.all([this.#files('ask'), this.#files('completion')]);
    const summaries = await Promise.all(files.flat().map(summarise));
    return summaries
      .filter((summary) => summary !== null)
      .sort((a, b) => b.startedAt.localeCompare(a.startedAt) || b.requestId.localeCompare(a.requestId));
  }

  /** All events of a trace, closed unless it is being written. Throws `request.unknown` or `trace.unreadable`. */
  async read(requestId: RequestId): Promise<readonly TraceEvent[]> {
    const file = await this.#find(requestId);
    if (file === null) throw unknownRequest(requestId);
    const events = await readTraceFile(file);
    return this.#open.has(file) ? events : closedTrace(events);
  }

  async #find(requestId: RequestId): Promise<string | null> {
    for (const kind of ['ask', 'completion'] as const) {
      const file = this.#pathOf({ requestId, kind });
      const found = await stat(file).catch(() => null);
      if (found?.isFile() === true) return file;
    }
    return null;
  }

  /** Edits lie among the questions. */
  #folderOf(kind: TraceKind): string {
    return kind === 'completion' ? path.join(this.folder, completionFolder) : this.folder;
  }

  #pathOf({ requestId, kind }: TracedRequest): string {
    // An id comes over the wire: one with a path in it must not leave the folder.
    if (!/^[\w-]+$/.test(requestId)) throw unknownRequest(requestId);
    return path.join(this.#folderOf(kind), requestId + extension);
  }

  async #files(kind: TraceKind): Promise<readonly StoredFile[]> {
    const folder = this.#folderOf(kind);
    const names = await readdir(folder).catch(() => []);
    const files = await Promise.all(
      names
        .filter((name) => name.endsWith(extension))
        .map(async (name): Promise<StoredFile | null> => {
          const file = path.join(folder, name);
          // Another process may remove it between listing and asking.
          const found = await stat(file).catch(() => null);
          return found === null ? null : { path: file, sizeBytes: found.size, modifiedMs: found.mtimeMs };
        }),
    );
    return files.filter((file) => file !== null);
  }

  async #prune(): Promise<void> {
    if (!this.#isSorted) await this.#sortOut();
    this.#isSorted = true;
    const { files, completionFiles, bytes } = this.#limits;
    const completionBytes = bytes * completionShare;
    await this.#pruneKind('ask', { files, bytes: bytes - completionBytes });
    await this.#pruneKind('completion', { files: completionFiles, bytes: completionBytes });
  }

  /** Earlier versions had completions among the questions, where they would count as such. */
  async #sortOut(): Promise<void> {
    for (const file of await this.#files('ask')) {
      if ((await summarise(file))?.kind !== 'completion') continue;
      const folder = this.#folderOf('completion');
      await mkdir(folder, { recursive: true });
      for (const moved of [viewPathOf(file.path), file.path]) {
        // There may be no view, and another process may have moved both.
        await moveFile(moved, path.join(folder, path.basename(moved))).catch(() => undefined);
      }
    }
  }

  async #pruneKind(kind: TraceKind, limits: Pick<TraceLimits, 'files' | 'bytes'>): Promise<void> {
    const newestFirst = [...(await this.#files(kind))].sort(
      (a, b) => b.modifiedMs - a.modifiedMs || b.path.localeCompare(a.path),
    );
    let count = 0;
    let bytes = 0;
    for (const file of newestFirst) {
      const fileBytes = file.sizeBytes + (await sizeOf(viewPathOf(file.path)));
      count++;
      bytes += fileBytes;
      const isWithin = count <= limits.files && bytes <= limits.bytes;
      if (isWithin || this.#open.has(file.path) || (await this.#mayBeBeingWritten(file))) continue;
      count--;
      bytes -= fileBytes;
      await rm(viewPathOf(file.path), { force: true }).catch(() => undefined);
      await rm(file.path, { force: true }).catch(() => undefined);
    }
  }

  async #mayBeBeingWritten(file: StoredFile): Promise<boolean> {
    const ageMs = this.#clock.date().getTime() - file.modifiedMs;
    return ageMs < leftoverAfterMs && !(await hasClosingEvent(file));
  }
}

interface StoredFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/** 0 for a file that is not there. */
async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch(() => null);
  return found?.size ?? 0;
}

async function summarise({ path: file, sizeBytes }: StoredFile): Promise<TraceSummary | null> {
  const first = parseJsonEvent(await firstLine(file));
  if (first?.type !== 'request/started') return null;
  const { requestId, startedAt, kind, title } = first;
  return { requestId, startedAt, kind, title, path: file, sizeBytes };
}

async function firstLine(file: string): Promise<string> {
  const head = await readPart(file, 0, headBytes);
  const whole = head.includes('\n') ? head : await readPart(file, 0, giantHeadBytes);
  return whole.split('\n', 1)[0] ?? '';
}

async function hasClosingEvent({ path: file, sizeBytes }: StoredFile): Promise<boolean> {
  const lines = (await readPart(file, Math.max(0, sizeBytes - endBytes), endBytes)).trimEnd().split('\n');
  const type = parseJsonEvent(lines.at(-1) ?? '')?.type;
  return type === 'request/finished' || type === 'request/failed';
}

function parseJsonEvent(line: string): TraceEvent | null {
  try {
    return parseTraceEvent(JSON.parse(line));
  } catch {
    return null;
  }
}

/** A part of a file as text; empty when it is gone or cannot be read. */
async function readPart(file: string, position: number, length: number): Promise<string> {
  const handle = await open(file, 'r').catch(() => null);
  if (handle === null) return '';
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
    return buffer.toString('utf8', 0, bytesRead);
  } catch {
    return '';
  } finally {
    await handle.close();
  }
}

function unknownRequest(requestId: RequestId): CodedError {
  return new CodedError(
    'request.unknown',
    `There is no trace of request ${requestId}: it was removed to make room, or never written.`,
    'Choose another trace: those that are kept are files in the folder of traces, with the names of their requests.',
  );
}
