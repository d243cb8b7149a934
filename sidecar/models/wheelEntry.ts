import type { Readable } from 'node:stream';
import { openPromise } from 'yauzl';

/**
 * Yields the bytes of one entry of a wheel in order, with bounded memory. Nothing of the wheel is run or unpacked to
 * disk. Throws a plain `Error` when the archive is damaged or lacks the entry; the caller knows which it was.
 */
export async function* readWheelEntry(
  wheelPath: string,
  entryName: string,
): AsyncGenerator<Buffer, void, void> {
  const zip = await openPromise(wheelPath, { autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName !== entryName) continue;
      yield* chunksOf(await zip.openReadStreamPromise(entry));
      return;
    }
    throw new Error(`${wheelPath} has no entry ${entryName}`);
  } finally {
    zip.close();
  }
}

async function* chunksOf(stream: Readable): AsyncGenerator<Buffer, void, void> {
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) throw new Error('A wheel entry is read as bytes.');
    yield chunk;
  }
}
