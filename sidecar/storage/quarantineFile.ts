import { stat } from 'node:fs/promises';
import type { Clock } from '../process/clock.ts';
import { moveFile } from './moveFile.ts';

/**
 * Gives a file whose content means nothing another name, which it returns, so that a new one can begin and nothing is lost:
 * earlier ones that were put aside stay, too. Throws system errors.
 */
export async function quarantineFile(file: string, clock: Clock): Promise<string> {
  const first = `${file}.unreadable`;
  const isTaken = await stat(first).then(
    () => true,
    () => false,
  );
  const aside = isTaken ? `${first}-${clock.date().toISOString().replaceAll(':', '-')}` : first;
  await moveFile(file, aside);
  return aside;
}
