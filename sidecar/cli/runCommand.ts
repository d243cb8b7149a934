import { toCodedError } from '../../protocol/codedError.ts';
import { UsageError, type Command } from './command.ts';
import type { Terminal } from './terminal.ts';

export const failureExitCode = 1;
const usageExitCode = 2;

/**
 * Runs a command and returns the exit code: its own, 1 for a failure, 2 for wrong use. What it throws is said on
 * standard error; a failure is also the result that programs read where they asked for `--json`.
 */
export async function runCommand(
  command: Command,
  args: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  try {
    return await command.execute(args, terminal, signal);
  } catch (thrown) {
    if (thrown instanceof UsageError) {
      sayWrongUse(thrown.message, command, terminal);
      return usageExitCode;
    }
    const error = toCodedError(thrown);
    if (args.includes('--json')) terminal.print(JSON.stringify({ type: 'result', error: error.toData() }));
    terminal.note(`${error.message}\n${error.remedy}\n(${error.code})`);
    return failureExitCode;
  }
}

/** There is no such command: says so and returns the exit code for wrong use. */
export function refuseCommand(name: string, terminal: Terminal): number {
  sayWrongUse(`There is no command "${name}".`, { name: '', usage: 'COMMAND [options]' }, terminal);
  return usageExitCode;
}

/** The message stays in sight: it is not followed by a page of help. */
function sayWrongUse(
  message: string,
  { name, usage }: Pick<Command, 'name' | 'usage'>,
  terminal: Terminal,
): void {
  const helpCommand = ['entropane', name, '--help'].filter((word) => word !== '').join(' ');
  terminal.note(`${message}\nUsage: entropane ${usage}\nMore: ${helpCommand}`);
}
