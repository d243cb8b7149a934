import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { onAbort } from '../../onAbort.ts';
import type { Command } from '../command.ts';

/**
 * `entropane bench`: runs the bench program that lies beside this one. It is a program of its own because it may
 * import the whole sidecar, and nothing may import it. It prints its own help and its own errors.
 */
export const benchCommand: Command = {
  name: 'bench',
  summary: 'Measure the engine against llama.cpp and against itself',
  usage: 'bench [SUITE]… [options]',
  execute: (args, _terminal, signal) =>
    new Promise((resolve, reject) => {
      const program = join(__dirname, 'bench.cjs');
      const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' });
      // A terminal sends Ctrl-C to the child too, and a second one would kill it; elsewhere it is passed on.
      const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
      if (!hasTerminal) onAbort(signal, () => child.kill('SIGINT'));
      child.on('error', reject);
      child.on('close', (code) => {
        resolve(code ?? 1);
      });
    }),
};
