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
  const chosen = variables.ENTROPANE_HOME;
  if (chosen) return path.resolve(chosen);
  if (platform === 'win32') {
    return path.join(variables.LOCALAPPDATA || path.join(homeFolder, 'AppData', 'Local'), 'entropane');
  }
  if (platform === 'darwin') return path.join(homeFolder, 'Library', 'Application Support', 'entropane');
  return path.join(variables.XDG_DATA_HOME || path.join(homeFolder, '.local', 'share'), 'entropane');
}

/** Where a store keeps its GGUF files. */
export function modelsFolderOf(storePath: string): string {
  return path.join(storePath, 'models');
}
