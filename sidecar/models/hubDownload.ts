import { type FileHandle, open, readFile, rm, writeFile } from 'node:fs/promises';
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
  /** Null where the server says it. */
  readonly sizeBytes: number | null;
  /**
   * Whether the hash of the whole file will be compared with a known one. Where it will not, a part is only gone on from
   * where the server says that it is of the same file.
   */
  readonly isHashKnown: boolean;
  readonly onBytes: (doneBytes: number, sizeBytes: number | null) => void;
  /** Called before bytes are written, once the size is known; what it throws ends the download. */
  readonly onSize?: (sizeBytes: number, presentBytes: number) => Promise<void>;
  readonly timing: DownloadTiming;
}

/** One try: all bytes are there, the connection ended before, or nobody answered at all. */
type Attempt =
  | { readonly type: 'complete' }
  | { readonly type: 'cut'; readonly cause: unknown }
  | { readonly type: 'unreachable'; readonly cause: unknown };

/**
 * Downloads a file with HTTP ranges, picking up after an interruption of the network or of this
 * process. Throws `download.failed` when the server cannot be reached, refuses, serves another size, or keeps
 * cutting off without progress; the part file stays. Throws `disk.full`, `store.unwritable`, or the abort reason.
 */
export async function downloadResumably(download: Download, signal: AbortSignal): Promise<void> {
  let triesWithoutProgress = 0;
  for (;;) {
    const before = await usablePart(download);
    if (before === download.sizeBytes) return;
    const attempt = await tryOnce(download, before, signal);
    signal.throwIfAborted();
    if (attempt.type === 'complete') {
      await rm(validatorPathOf(download), { force: true });
      return;
    }
    const hasProgressed = ((await fileSize(download.partPath)) ?? 0) > before;
    triesWithoutProgress = hasProgressed ? 0 : triesWithoutProgress + 1;
    const waitMs = download.timing.retryDelaysMs[hasProgressed ? 0 : triesWithoutProgress - 1];
    // A server never heard of is most likely out of reach for good: better to turn to the mirror at once.
    const isHopeless = attempt.type === 'unreachable' && before === 0;
    if (waitMs === undefined || isHopeless) throw cutOff(download, attempt.cause);
    await delay(waitMs, undefined, { signal });
  }
}

/** Bytes of the part that can be gone on from; a part that cannot be is removed. */
async function usablePart(download: Download): Promise<number> {
  const bytes = (await fileSize(download.partPath)) ?? 0;
  const isTooLong = download.sizeBytes !== null && bytes > download.sizeBytes;
  const isOfUnknown = !download.isHashKnown && bytes > 0 && (await keptValidator(download)) === null;
  if (!isTooLong && !isOfUnknown) return bytes;
  await rm(download.partPath, { force: true });
  return 0;
}

/** Where the server's name of the version lies that a part is of. */
function validatorPathOf({ partPath }: Download): string {
  return `${partPath}.etag`;
}

async function keptValidator(download: Download): Promise<string | null> {
  return readFile(validatorPathOf(download), 'utf8').catch(() => null);
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
    const validator = offset > 0 && !download.isHashKnown ? await keptValidator(download) : null;
    const response = await fetch(download.url, {
      headers: {
        ...(offset > 0 ? { range: `bytes=${offset}-` } : {}),
        ...(validator === null ? {} : { 'if-range': validator }),
      },
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
  // All of it was there: no range is left to send.
  if (response.status === 416 && offset > 0 && wholeSize(response) === offset) return { type: 'complete' };
  const { start, sizeBytes } = bodyStart(response, download, offset);
  if (response.body === null) throw refused(download, 'it sent no body');
  if (sizeBytes !== null) await download.onSize?.(sizeBytes, start);
  const file = await openPart(download.partPath, start);
  try {
    if (start === 0) await keepValidator(response, download);
    let position = start;
    const pieces: AsyncIterable<Uint8Array> = response.body;
    for await (const chunk of pieces) {
      onPiece();
      if (sizeBytes !== null && position + chunk.length > sizeBytes)
        throw refused(download, 'it sent more than the file');
      await writePiece(file, chunk, position, download.partPath);
      position += chunk.length;
      download.onBytes(position, sizeBytes);
    }
    // Without a size the end of the body is all that says it, as HTTP has it.
    if (position === (sizeBytes ?? position)) return { type: 'complete' };
    return { type: 'cut', cause: new Error(`The body ended at byte ${position} of ${sizeBytes}.`) };
  } finally {
    await file.close();
  }
}

/** A weak one says nothing of bytes. */
async function keepValidator({ headers }: Response, download: Download): Promise<void> {
  const validator = headers.get('etag');
  if (validator === null || validator.startsWith('W/')) await rm(validatorPathOf(download), { force: true });
  else await writeFile(validatorPathOf(download), validator);
}

function wholeSize({ headers }: Response): number | null {
  const size = /^bytes \*\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1];
  return size === undefined ? null : Number(size);
}

/**
 * Offset of the body's first byte, and the size of the whole file. A server that ignores ranges sends the whole file, so it starts
 * at 0.
 */
function bodyStart(
  response: Response,
  download: Download,
  offset: number,
): { readonly start: number; readonly sizeBytes: number | null } {
  if (response.status === 206) {
    const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
    if (range?.[1] !== String(offset))
      throw refused(download, 'it sent another range than the one asked for');
    return { start: offset, sizeBytes: expectedSize(download, range[2] ?? null) };
  }
  if (response.status !== 200) throw refused(download, `it answered ${response.status}`);
  return { start: 0, sizeBytes: expectedSize(download, response.headers.get('content-length')) };
}

/** The size that was expected, which the server must serve where it says one; else the server's. */
function expectedSize(download: Download, served: string | null): number | null {
  if (download.sizeBytes === null) return served === null ? null : Number(served);
  if (served !== null && served !== String(download.sizeBytes))
    throw refused(download, `it serves ${served} bytes where ${download.sizeBytes} are expected`);
  return download.sizeBytes;
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
