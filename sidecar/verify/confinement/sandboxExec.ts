import path from 'node:path';
import type { SandboxView } from './sandbox.ts';

/** What programs write to that keeps nothing. */
const devices: readonly string[] = ['/dev/null', '/dev/zero', '/dev/tty', '/dev/dtracehelper'];

/**
 * Profile of macOS's `sandbox-exec` for a command: no network, no reading in the home but of what it may read, no writing
 * but into its folder and its scratch folders, and no other program started through the system. A later rule wins. Pure.
 */
export function sandboxExecProfile({ folder, home, scratch, readable }: SandboxView): string {
  const own = [folder, scratch.home, scratch.temporary];
  const shown = [...readable, ...own];
  return [
    '(version 1)',
    '(allow default)',
    '(deny network*)',
    '(deny appleevent-send)',
    '(deny lsopen)',
    '(deny job-creation)',
    `(deny file-read* (subpath ${quoted(home)}))`,
    // A path is resolved folder by folder.
    ...ancestorsWithin(home, shown).map((place) => `(allow file-read-metadata (literal ${quoted(place)}))`),
    ...shown.map((place) => `(allow file-read* (subpath ${quoted(place)}))`),
    '(deny file-write*)',
    ...own.map((place) => `(allow file-write* (subpath ${quoted(place)}))`),
    ...devices.map((place) => `(allow file-write* (literal ${quoted(place)}))`),
  ].join('\n');
}

/** The home and the folders in it that lead to these places. */
function ancestorsWithin(home: string, places: readonly string[]): readonly string[] {
  const found = new Set([home]);
  for (const place of places) {
    for (let next = path.posix.dirname(place); next.startsWith(`${home}/`); next = path.posix.dirname(next))
      found.add(next);
  }
  return [...found];
}

/** A string of the profile's language. */
function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
