import manifest from '../../package.json' with { type: 'json' };
import type { Command } from './command.ts';
import { askCommand } from './commands/ask.ts';
import { budgetCommand } from './commands/budget.ts';
import { benchCommand } from './commands/bench.ts';
import { calibrateCommand } from './commands/calibrate.ts';
import { completeCommand } from './commands/complete.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { memoryCommand } from './commands/memory.ts';
import { modelsCommand } from './commands/models.ts';
import { pruneCommand } from './commands/prune.ts';
import { replayCommand } from './commands/replay.ts';
import { serveCommand } from './commands/serve.ts';
import { failureExitCode, refuseCommand, runCommand } from './runCommand.ts';
import { processTerminal, type Terminal } from './terminal.ts';

const commands: readonly Command[] = [
  askCommand,
  completeCommand,
  benchCommand,
  modelsCommand,
  memoryCommand,
  budgetCommand,
  calibrateCommand,
  pruneCommand,
  replayCommand,
  serveCommand,
  doctorCommand,
  demoCommand,
];

/** Runs the command that the arguments name and returns the exit code: 0, 1 for failures, 2 for wrong use. */
async function main(args: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    terminal.print(overview());
    return 0;
  }
  if (name === '--version') {
    terminal.print(manifest.version);
    return 0;
  }
  const command = commands.find((candidate) => candidate.name === name);
  return command === undefined ? refuseCommand(name, terminal) : runCommand(command, rest, terminal, signal);
}

function overview(): string {
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
    'entropane COMMAND --help tells more.',
  ].join('\n');
}

/** How long a command that is interrupted may take to end in order; then the process ends regardless. */
const farewellMs = 10_000;

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // A second Ctrl-C is not caught any more and ends the process at once.
  process.once(signal, () => {
    interruption.abort();
    setTimeout(() => process.exit(failureExitCode), farewellMs).unref();
  });
}
// A reader that has seen enough, such as `head`, closes the pipe: nothing is left to do.
process.stdout.on('error', () => process.exit(failureExitCode));
void main(process.argv.slice(2), processTerminal(process), interruption.signal).then((exitCode) => {
  process.exitCode = exitCode;
});
