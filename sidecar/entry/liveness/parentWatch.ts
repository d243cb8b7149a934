import type { KnownProcess } from '../../process/processLife.ts';

/** What can be seen of a parent process. */
export interface ParentSigns {
  /** Whose child this process was when it started. */
  readonly firstParent: KnownProcess;
  /** Whose child it is now: another process's once its parent has ended, except on Windows. */
  readonly parentId: number;
  /** The process that the client named as its own; null where it named none, or has not spoken yet. */
  readonly client: KnownProcess | null;
  readonly isGone: (watched: KnownProcess) => boolean;
}

/** Whether the parent or the client, where that is another process, has ended. Pure. */
export function isParentGone({ firstParent, parentId, client, isGone }: ParentSigns): boolean {
  // A child sees the end of its parent at once, even where the number has another owner by now.
  if (parentId !== firstParent.processId) return true;
  return isGone(firstParent) || (client !== null && isGone(client));
}
