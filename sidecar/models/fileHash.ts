import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

const chunkBytes = 1024 * 1024;

/** SHA-256 of a file in lower-case hex, read in 1 MiB pieces; about a second for 500 MB. Throws when aborted. */
export async function hashFile(
  filePath: string,
  onBytes: (doneBytes: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(filePath, 'r');
  try {
    const buffer = Buffer.allocUnsafe(chunkBytes);
    let doneBytes = 0;
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, chunkBytes, doneBytes);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
      doneBytes += bytesRead;
      onBytes(doneBytes);
    }
  } finally {
    await file.close();
  }
}
