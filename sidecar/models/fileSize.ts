import { stat } from 'node:fs/promises';
import { isAbsent } from '../process/systemError.ts';

/** Bytes of what lies at a path, or null when nothing does. */
export async function fileSize(filePath: string): Promise<number | null> {
  try {
    return (await stat(filePath)).size;
  } catch (thrown) {
    if (isAbsent(thrown)) return null;
    throw thrown;
  }
}
