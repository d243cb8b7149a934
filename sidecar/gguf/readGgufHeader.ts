import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { CodedError } from '../../protocol/codedError.ts';
import { isAbsent } from '../process/systemError.ts';
import type { GgufHeader } from './ggufHeader.ts';
import { parseGgufHeader } from './parseGgufHeader.ts';

const firstReadBytes = 1 << 20;
/** The largest known headers, vocabularies of 260,000 tokens with merges, are under 20 MiB. */
const maxHeaderBytes = 256 << 20;

/**
 * The header of a GGUF file, read from its first few megabytes; tensor data is not touched. Throws `model.missing`
 * when there is no such file, `model.unreadable` when it is not GGUF, damaged, cut off or not to be read.
 */
export async function readGgufHeader(path: string): Promise<GgufHeader> {
  const handle = await openModel(path);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw notReadable(path, 'is not a file');
    return await readGrowing(handle, path, stat.size);
  } finally {
    await handle.close();
  }
}

/** Parses a prefix of the file, and a longer one while the header goes on: at most twice the header is read. */
async function readGrowing(handle: FileHandle, path: string, sizeBytes: number): Promise<GgufHeader> {
  const file = { name: basename(path), sizeBytes };
  let prefixBytes = Math.min(firstReadBytes, sizeBytes);
  for (;;) {
    const parse = parseGgufHeader(await readPrefix(handle, path, prefixBytes), file);
    if (parse.type === 'parsed') return parse.header;
    if (parse.bytes > maxHeaderBytes) throw notReadable(path, 'has a header of over 256 MiB');
    prefixBytes = Math.min(Math.max(parse.bytes, prefixBytes * 2), sizeBytes, maxHeaderBytes);
  }
}

async function readPrefix(handle: FileHandle, path: string, sizeBytes: number): Promise<Uint8Array> {
  const bytes = Buffer.alloc(sizeBytes);
  let filled = 0;
  while (filled < sizeBytes) {
    const { bytesRead } = await readAt(handle, path, bytes, filled);
    if (bytesRead === 0) throw notReadable(path, 'became shorter while it was read');
    filled += bytesRead;
  }
  return bytes;
}

async function readAt(
  handle: FileHandle,
  path: string,
  bytes: Buffer,
  at: number,
): Promise<{ bytesRead: number }> {
  try {
    return await handle.read(bytes, at, bytes.length - at, at);
  } catch (cause) {
    throw notReadable(path, 'could not be read', cause);
  }
}

async function openModel(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    if (isAbsent(cause)) {
      throw new CodedError(
        'model.missing',
        `There is no model file at ${path}.`,
        'Fetch a model with "entropane models fetch", or give the path of a GGUF file.',
        { cause },
      );
    }
    throw notReadable(path, 'could not be opened', cause);
  }
}

function notReadable(path: string, what: string, cause?: unknown): CodedError {
  const detail = cause instanceof Error ? ` (${cause.message})` : '';
  return new CodedError(
    'model.unreadable',
    `${path} ${what}${detail}. It cannot be loaded.`,
    'Give the path of a GGUF file that you may read.',
    { cause },
  );
}
