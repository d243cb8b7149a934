import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { onAbort } from '../../process/onAbort.ts';
import type { Command } from '../command.ts';

/**
 * A command of the lab, the program beside this one that measures and prepares models. The lab imports the sidecar and
 * nothing imports the lab, so its commands run in a process of their own, which prints their help and errors.
 */
export function labCommand(name: string, summary: string): Command {
  return {
    name,
    summary,
    usage: `${name} [options]`,
    execute: (args, _terminal, signal) =>
      new Promise((resolve, reject) => {
        const program = join(__dirname, 'lab.cjs');
        const child = spawn(process.execPath, [program, name, ...args], { stdio: 'inherit' });
        // A terminal sends Ctrl-C to the child too, and a second one would kill it; elsewhere it is passed on.
        const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
        if (!hasTerminal) onAbort(signal, () => child.kill('SIGINT'));
        child.on('error', reject);
        child.on('close', (code) => {
          resolve(code ?? 1);
        });
      }),
  };
}
