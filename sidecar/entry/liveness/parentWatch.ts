/** What can be seen of a parent process. */
export interface ParentSigns {
  /** Whose child this process was when it started. */
  readonly firstParentId: number;
  /** Whose child it is now: another process's once its parent has ended, except on Windows. */
  readonly parentId: number;
  /** The process that the client named as its own; null where it named none, or has not spoken yet. */
  readonly clientId: number | null;
  readonly isAlive: (processId: number) => boolean;
}

/**
 * Whether nobody is left to serve. Who started this process decides, unless the client named another as its own: a launcher
 * in between may end. Pure.
 */
export function isParentGone({ firstParentId, parentId, clientId, isAlive }: ParentSigns): boolean {
  const watched = clientId ?? firstParentId;
  // A child sees the end of its parent at once, even where the number has another owner by now.
  if (watched === firstParentId && parentId !== firstParentId) return true;
  return !isAlive(watched);
}
