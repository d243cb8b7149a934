/**
 * How a process is ended with all that it started. Both sides of the wire start processes, so the rule of each system is
 * here. Pure; `platform` is Node's name of the system.
 */

/** Whether a process can lead a group that one signal ends. It is started `detached` then; on Windows that opens a window. */
export function hasProcessGroups(platform: string): boolean {
  return platform !== 'win32';
}

/** What ends a tree of processes: a signal to the group, or a program that looks for children, and children of these. */
export type TreeEnd =
  | { readonly type: 'signal'; readonly target: number }
  | { readonly type: 'program'; readonly program: string; readonly parameters: readonly string[] };

/**
 * Ends the process with this id, which was started as the leader of a group where there are groups. On Windows the
 * program is named by its full path, so that no file of the same name in a workspace runs in its place.
 */
export function treeEndOf(
  processId: number,
  {
    platform,
    variables,
  }: { readonly platform: string; readonly variables: Readonly<Record<string, string | undefined>> },
): TreeEnd {
  if (hasProcessGroups(platform)) return { type: 'signal', target: -processId };
  const systemRoot = variables['SystemRoot'] ?? variables['SYSTEMROOT'] ?? 'C:\\Windows';
  return {
    type: 'program',
    program: `${systemRoot}\\System32\\taskkill.exe`,
    parameters: ['/pid', String(processId), '/T', '/F'],
  };
}
