import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { passedEnvironment } from './commandEnvironment.ts';
import type { ProcessSign } from './processTable.ts';

export interface Guard {
  /** The command has ended. */
  dismiss(): void;
}

/** Starts the guard of a command and resolves when it runs; with a reason where it does not. Never rejects. */
export async function startGuard(
  guardFile: string,
  command: { readonly id: number; readonly sign: ProcessSign },
): Promise<Guard | { readonly reason: string }> {
  const { id, sign } = command;
  // Node would start without it, and end at once.
  if (!existsSync(guardFile)) return { reason: `The command's guard is not at ${guardFile}.` };
  return new Promise((resolve) => {
    const guard = spawn(process.execPath, [guardFile, String(id), sign.folder, sign.variable], {
      // Neither in the command's folder nor in its group, nor with its mark: it would find itself.
      cwd: path.dirname(guardFile),
      detached: true,
      // The editor's program is Node with this.
      env: { ...passedEnvironment(process.env, process.platform), ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['pipe', 'ignore', 'ignore'],
      windowsHide: true,
    });
    guard.stdin.on('error', () => undefined);
    guard.once('error', (error) => {
      resolve({ reason: `The command's guard could not be started: ${error.message}` });
    });
    guard.once('spawn', () => {
      resolve({
        dismiss: () => {
          guard.kill('SIGKILL');
          guard.stdin.destroy();
        },
      });
    });
  });
}
