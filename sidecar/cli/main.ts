import manifest from '../../package.json' with { type: 'json' };
import { toCodedError } from '../../protocol/codedError.ts';
import { UsageError, type Command } from './command.ts';
import { askCommand } from './commands/ask.ts';
import { benchCommand } from './commands/bench.ts';
import { completeCommand } from './commands/complete.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { modelsCommand } from './commands/models.ts';
import { pruneCommand } from './commands/prune.ts';
import { replayCommand } from './commands/replay.ts';
import { serveCommand } from './commands/serve.ts';
import { processTerminal, type Terminal } from './terminal.ts';

const commands: readonly Command[] = [
  askCommand,
  completeCommand,
  benchCommand,
  modelsCommand,
  pruneCommand,
  replayCommand,
  serveCommand,
  doctorCommand,
  demoCommand,
];

const usageExitCode = 2;
const failureExitCode = 1;

/** Runs the command that the arguments name and returns the exit code: 0, 1 for failures, 2 for wrong use. */
async function main(args: readonly string[], terminal: Terminal, signal: AbortSignal): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === 'help') {
    terminal.print(overview());
    return 0;
  }
  if (name === '--version') {
    terminal.print(manifest.version);
    return 0;
  }
  const command = commands.find((candidate) => candidate.name === name);
  try {
    if (command === undefined) throw new UsageError(`There is no command "${name}".`);
    return await command.execute(rest, terminal, signal);
  } catch (thrown) {
    if (thrown instanceof UsageError) {
      terminal.note(`${thrown.message}\n\n${command?.help() ?? overview()}`);
      return usageExitCode;
    }
    reportFailure(thrown, rest.includes('--json'), terminal);
    return failureExitCode;
  }
}

function reportFailure(thrown: unknown, isJson: boolean, terminal: Terminal): void {
  const error = toCodedError(thrown);
  if (isJson) terminal.print(JSON.stringify({ type: 'result', error: error.toData() }));
  terminal.note(`${error.message}\n${error.remedy}\n(${error.code})`);
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

const interruption = new AbortController();
process.once('SIGINT', () => {
  // A second Ctrl-C is not caught any more and ends the process at once.
  interruption.abort();
});
// A reader that has seen enough, such as `head`, closes the pipe: nothing is left to do.
process.stdout.on('error', () => process.exit(failureExitCode));
void main(process.argv.slice(2), processTerminal(process), interruption.signal).then((exitCode) => {
  process.exitCode = exitCode;
});
