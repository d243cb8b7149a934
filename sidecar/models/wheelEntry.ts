import type { Readable } from 'node:stream';
import { openPromise } from 'yauzl';

/** An entry has more bytes than it may. */
export class EntryTooLarge extends Error {
  constructor(entryName: string) {
    super(`${entryName} has more bytes than it may`);
    this.name = 'EntryTooLarge';
  }
}

/**
 * Yields the bytes of one entry of a wheel in order, with bounded memory. Nothing of the wheel is run or unpacked to
 * disk. Ends with an `EntryTooLarge` once the entry claims more than `mostBytes`, or has them: an archive of kilobytes may
 * inflate to a full disk. Throws another `Error` when the archive is damaged or lacks the entry; the caller knows which
 * it was.
 */
export async function* readWheelEntry(
  wheelPath: string,
  entryName: string,
  mostBytes: number,
): AsyncGenerator<Buffer, void, void> {
  const zip = await openPromise(wheelPath, { autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName !== entryName) continue;
      if (entry.uncompressedSize > mostBytes) throw new EntryTooLarge(entryName);
      let doneBytes = 0;
      for await (const chunk of chunksOf(await zip.openReadStreamPromise(entry))) {
        doneBytes += chunk.length;
        if (doneBytes > mostBytes) throw new EntryTooLarge(entryName);
        yield chunk;
      }
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
