import { homedir } from 'node:os';
import { join } from 'node:path';

/** Folder for what can be made again, outside every checkout: built tools, bench reports. */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>>): string {
  return join(environment.XDG_CACHE_HOME || join(homedir(), '.cache'), 'entropane');
}
