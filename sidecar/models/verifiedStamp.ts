import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { systemErrorCode } from '../process/systemError.ts';

/** What a file looked like when its hash was last taken. Any change of size or time makes the stamp void. */
interface VerifiedStamp {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly sha256: string;
}

/** Where the stamp of a model file lies: beside it. */
function stampPathOf(modelPath: string): string {
  return `${modelPath}.verified.json`;
}

/** SHA-256 that the file had when last hashed, or null when it was never hashed or has changed since. */
export async function readVerifiedHash(modelPath: string): Promise<string | null> {
  try {
    const [text, file] = await Promise.all([readFile(stampPathOf(modelPath), 'utf8'), stat(modelPath)]);
    const stamp = parseStamp(text);
    const holds = stamp?.sizeBytes === file.size && stamp.modifiedMs === Math.trunc(file.mtimeMs);
    return holds ? stamp.sha256 : null;
  } catch {
    // No stamp, or none that can be read: the file counts as unhashed, which costs one hash and loses nothing.
    return null;
  }
}

/**
 * Remembers a hash just taken, so that the next start need not read the whole file again. Where nothing can be
 * written beside the file it is read again.
 */
export async function writeVerifiedHash(modelPath: string, sha256: string): Promise<void> {
  const file = await stat(modelPath);
  const stamp: VerifiedStamp = { sizeBytes: file.size, modifiedMs: Math.trunc(file.mtimeMs), sha256 };
  try {
    await writeFile(stampPathOf(modelPath), `${JSON.stringify(stamp)}\n`);
  } catch (thrown) {
    if (systemErrorCode(thrown) === null) throw thrown;
  }
}

export async function removeStamp(modelPath: string): Promise<void> {
  await rm(stampPathOf(modelPath), { force: true });
}

function parseStamp(text: string): VerifiedStamp | null {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) return null;
  if (!('sizeBytes' in value) || !('modifiedMs' in value) || !('sha256' in value)) return null;
  const { sizeBytes, modifiedMs, sha256 } = value;
  if (typeof sizeBytes !== 'number' || typeof modifiedMs !== 'number' || typeof sha256 !== 'string')
    return null;
  return { sizeBytes, modifiedMs, sha256 };
}
