/** The `code` of a system error such as `ENOSPC`, or null for anything else. */
export function systemErrorCode(thrown: unknown): string | null {
  if (!(thrown instanceof Error) || !('code' in thrown)) return null;
  return typeof thrown.code === 'string' ? thrown.code : null;
}

/** Whether a write failed because the disk, or the user's share of it, is full. */
export function isDiskFull(thrown: unknown): boolean {
  const code = systemErrorCode(thrown);
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** Whether a path leads to no file: there is none, a folder on the way is a file, or no file can have that name. */
export function isAbsent(thrown: unknown): boolean {
  const code = systemErrorCode(thrown);
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG';
}
