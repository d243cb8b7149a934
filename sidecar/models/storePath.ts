import path from 'node:path';

export interface StoreEnvironment {
  readonly platform: NodeJS.Platform;
  readonly homeFolder: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/**
 * Folder of this machine's models and traces, shared by every editor window and terminal: `ENTROPANE_HOME`, else
 * the platform's place for application data. Pure; the folder need not exist.
 */
export function findStorePath({ platform, homeFolder, variables }: StoreEnvironment): string {
  const rules = platform === 'win32' ? path.win32 : path.posix;
  const chosen = variables.ENTROPANE_HOME;
  if (chosen) return rules.resolve(chosen);
  if (platform === 'win32') {
    // Not the roaming folder: models are large, and a domain would copy them at every sign-in.
    return rules.join(variables.LOCALAPPDATA || rules.join(homeFolder, 'AppData', 'Local'), 'entropane');
  }
  if (platform === 'darwin') return rules.join(homeFolder, 'Library', 'Application Support', 'entropane');
  return rules.join(variables.XDG_DATA_HOME || rules.join(homeFolder, '.local', 'share'), 'entropane');
}

/** Where a store keeps its GGUF files. */
export function modelsFolderOf(storePath: string): string {
  return path.join(storePath, 'models');
}
