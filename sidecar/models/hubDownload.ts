import { type FileHandle, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CodedError } from '../../protocol/codedError.ts';
import { systemErrorCode } from '../process/systemError.ts';
import { asDiskError } from './diskErrors.ts';
import { fileSize } from './fileSize.ts';

export interface DownloadTiming {
  /** Until response headers are there. */
  readonly connectTimeoutMs: number;
  /** Between two pieces of the body. */
  readonly stallTimeoutMs: number;
  /** Waits before each try that follows one without any progress; their number bounds such tries. */
  readonly retryDelaysMs: readonly number[];
}

export const defaultDownloadTiming: DownloadTiming = {
  connectTimeoutMs: 8_000,
  stallTimeoutMs: 30_000,
  retryDelaysMs: [1_000, 4_000],
};

export interface Download {
  readonly url: string;
  /** Grows while bytes arrive; what is in it already is not asked for again. */
  readonly partPath: string;
  readonly sizeBytes: number;
  readonly onBytes: (doneBytes: number) => void;
  readonly timing: DownloadTiming;
}

/** One try: all bytes are there, the connection ended before, or nobody answered at all. */
type Attempt =
  | { readonly type: 'complete' }
  | { readonly type: 'cut'; readonly cause: unknown }
  | { readonly type: 'unreachable'; readonly cause: unknown };

/**
 * Downloads a file of known size with HTTP ranges, picking up after an interruption of the network or of this
 * process. Throws `download.failed` when the server cannot be reached, refuses, serves another size, or keeps
 * cutting off without progress; the part file stays. Throws `disk.full`, `store.unwritable`, or the abort reason.
 */
export async function downloadResumably(download: Download, signal: AbortSignal): Promise<void> {
  let triesWithoutProgress = 0;
  for (;;) {
    const before = (await fileSize(download.partPath)) ?? 0;
    if (before === download.sizeBytes) return;
    if (before > download.sizeBytes) await rm(download.partPath);
    const attempt = await tryOnce(download, before > download.sizeBytes ? 0 : before, signal);
    signal.throwIfAborted();
    if (attempt.type === 'complete') return;
    const hasProgressed = ((await fileSize(download.partPath)) ?? 0) > before;
    triesWithoutProgress = hasProgressed ? 0 : triesWithoutProgress + 1;
    const waitMs = download.timing.retryDelaysMs[hasProgressed ? 0 : triesWithoutProgress - 1];
    // A server never heard of is most likely out of reach for good: better to turn to the mirror at once.
    const isHopeless = attempt.type === 'unreachable' && before === 0;
    if (waitMs === undefined || isHopeless) throw cutOff(download, attempt.cause);
    await delay(waitMs, undefined, { signal });
  }
}

async function tryOnce(download: Download, offset: number, signal: AbortSignal): Promise<Attempt> {
  const watchdog = new AbortController();
  let timer = setTimeout(() => {
    watchdog.abort(new Error('The server did not answer in time.'));
  }, download.timing.connectTimeoutMs);
  const restartTimer = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      watchdog.abort(new Error('The server sent nothing for too long.'));
    }, download.timing.stallTimeoutMs);
  };
  let hasAnswered = false;
  try {
    const response = await fetch(download.url, {
      headers: offset > 0 ? { range: `bytes=${offset}-` } : {},
      signal: AbortSignal.any([signal, watchdog.signal]),
    });
    hasAnswered = true;
    restartTimer();
    return await receive(response, download, offset, restartTimer);
  } catch (thrown) {
    if (thrown instanceof CodedError) throw thrown;
    const cause: unknown = watchdog.signal.aborted ? watchdog.signal.reason : thrown;
    return { type: hasAnswered ? 'cut' : 'unreachable', cause };
  } finally {
    clearTimeout(timer);
    // Ends a body that was refused unread; a finished one does not notice.
    watchdog.abort();
  }
}

async function receive(
  response: Response,
  download: Download,
  offset: number,
  onPiece: () => void,
): Promise<Attempt> {
  const start = bodyStart(response, download, offset);
  if (response.body === null) throw refused(download, 'it sent no body');
  const file = await openPart(download.partPath, start);
  try {
    let position = start;
    const pieces: AsyncIterable<Uint8Array> = response.body;
    for await (const chunk of pieces) {
      onPiece();
      if (position + chunk.length > download.sizeBytes) throw refused(download, 'it sent more than the file');
      await writePiece(file, chunk, position, download.partPath);
      position += chunk.length;
      download.onBytes(position);
    }
    if (position === download.sizeBytes) return { type: 'complete' };
    return { type: 'cut', cause: new Error(`The body ended at byte ${position} of ${download.sizeBytes}.`) };
  } finally {
    await file.close();
  }
}

/** Offset of the body's first byte. A server that ignores ranges sends the whole file, so it starts at 0. */
function bodyStart(response: Response, download: Download, offset: number): number {
  if (response.status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
    if (range?.[1] !== String(offset))
      throw refused(download, 'it sent another range than the one asked for');
    if (range[2] !== String(download.sizeBytes)) throw otherSize(download, range[2] ?? '');
    return offset;
  }
  if (response.status !== 200) throw refused(download, `it answered ${response.status}`);
  const length = response.headers.get('content-length');
  if (length !== null && length !== String(download.sizeBytes)) throw otherSize(download, length);
  return 0;
}

async function openPart(partPath: string, start: number): Promise<FileHandle> {
  try {
    if (start === 0) return await open(partPath, 'w');
    return await open(partPath, 'r+');
  } catch (thrown) {
    throw asDiskError(thrown, path.dirname(partPath));
  }
}

async function writePiece(file: FileHandle, chunk: Uint8Array, at: number, partPath: string): Promise<void> {
  try {
    let written = 0;
    while (written < chunk.length) {
      const { bytesWritten } = await file.write(chunk, written, chunk.length - written, at + written);
      written += bytesWritten;
    }
  } catch (thrown) {
    throw asDiskError(thrown, path.dirname(partPath));
  }
}

function refused(download: Download, what: string): CodedError {
  return new CodedError(
    'download.failed',
    `${download.url} could not be downloaded: ${what}.`,
    'Try again later, or give the path of a GGUF file as the model.',
  );
}

function otherSize(download: Download, length: string): CodedError {
  return refused(download, `it serves ${length} bytes where ${download.sizeBytes} are expected`);
}

function cutOff(download: Download, cause: unknown): CodedError {
  return new CodedError(
    'download.failed',
    `${new URL(download.url).host} could not be reached, or cut the download off (${reasonOf(cause)}).`,
    'Check the network and fetch again; it goes on where it stopped.',
    { cause },
  );
}

/** The system's own code where there is one: `fetch` wraps it in an error that only says "fetch failed". */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return systemErrorCode(cause.cause) ?? cause.message;
}
