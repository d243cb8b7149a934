import manifest from '../../package.json' with { type: 'json' };
import { endSignals } from '../process/endSignals.ts';
import type { Command } from './command.ts';
import { failureExitCode, refuseCommand, runCommand } from './runCommand.ts';
import { processTerminal, type Terminal } from './terminal.ts';

/** How long an interrupted command may take to finish in order; after that the process ends regardless. */
const shutdownTimeoutMs = 10_000;

/** Makes this process a program of these commands: runs the one that its arguments name, and sets the exit code. */
export function defineProgram(commands: readonly Command[]): void {
  const interruption = new AbortController();
  for (const signal of endSignals(process.platform)) {
    // A second Ctrl-C is not caught any more and ends the process at once.
    process.once(signal, () => {
      interruption.abort();
      setTimeout(() => process.exit(failureExitCode), shutdownTimeoutMs).unref();
    });
  }
  // A reader that has seen enough, such as `head`, closes the pipe: nothing is left to do.
  process.stdout.on('error', () => process.exit(failureExitCode));
  void runNamed(commands, process.argv.slice(2), processTerminal(process), interruption.signal).then(
    (exitCode) => {
      process.exitCode = exitCode;
    },
  );
}

/** Runs the command that the arguments name. Returns the exit code: 0, 1 for failures, 2 for wrong use. */
async function runNamed(
  commands: readonly Command[],
  args: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    terminal.print(overview(commands));
    return 0;
  }
  if (name === '--version') {
    terminal.print(manifest.version);
    return 0;
  }
  const command = commands.find((candidate) => candidate.name === name);
  return command === undefined ? refuseCommand(name, terminal) : runCommand(command, rest, terminal, signal);
}

function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  const lines = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return [
    'Usage: entropane COMMAND [options]',
    '',
    manifest.description,
    '',
    'Commands:',
    ...lines,
    '',
    'entropane COMMAND --help says more.',
  ].join('\n');
}
