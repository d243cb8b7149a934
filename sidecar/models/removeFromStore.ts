import { rm } from 'node:fs/promises';
import { CodedError } from '../../protocol/codedError.ts';
import { mayBeOpenElsewhere, retryWhileOpen } from '../storage/retryWhileOpen.ts';

/** How a file or folder goes, and the system's rules; the caller's own in tests alone. */
export interface Removal {
  readonly platform: NodeJS.Platform;
  readonly remove: (path: string) => Promise<void>;
  readonly pause?: (durationMs: number) => Promise<unknown>;
}

const systemRemoval: Removal = {
  platform: process.platform,
  remove: (path) => rm(path, { recursive: true, force: true }),
};

/**
 * Removes a file or folder of the store, if it is there. Windows refuses that for a model that a process has loaded; then
 * throws `store.unwritable`, which says so.
 */
export async function removeFromStore(path: string, removal: Removal = systemRemoval): Promise<void> {
  const { platform, remove, pause } = removal;
  try {
    await (pause === undefined
      ? retryWhileOpen(() => remove(path))
      : retryWhileOpen(() => remove(path), { platform, pause }));
  } catch (thrown) {
    if (!mayBeOpenElsewhere(thrown, platform)) throw thrown;
    throw new CodedError(
      'store.unwritable',
      `${path} cannot be removed, because a program has it open or may not be changed by you.`,
      'Close the editor windows and terminals that use the model, then remove it again.',
      { cause: thrown },
    );
  }
}
