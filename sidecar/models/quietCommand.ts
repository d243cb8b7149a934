import { spawn } from 'node:child_process';

/** The end of what a command wrote to stderr, enough to tell why it gave up. */
const keptErrorBytes = 2_000;

export interface CommandOutcome {
  /** Null when the command could not be started or was killed. */
  readonly exitCode: number | null;
  /** Last line of stderr, or why it could not be started. */
  readonly lastError: string;
}

/** Runs a command without a shell and shows nothing of it. Throws the abort reason when aborted, after the child is gone. */
export async function runQuietly(
  command: readonly string[],
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<CommandOutcome> {
  const [program = '', ...args] = command;
  const outcome = await new Promise<CommandOutcome>((resolve) => {
    const child = spawn(program, args, {
      env: environment,
      stdio: ['ignore', 'ignore', 'pipe'],
      windowsHide: true,
      signal,
    });
    let errors = '';
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text: string) => {
      errors = (errors + text).slice(-keptErrorBytes);
    });
    let startError: Error | null = null;
    child.on('error', (error) => {
      startError = error;
      // Without a process there will be no `close`.
      if (child.pid === undefined) resolve({ exitCode: null, lastError: error.message });
    });
    child.on('close', (exitCode) => {
      resolve({ exitCode: startError === null ? exitCode : null, lastError: lastLine(errors) });
    });
  });
  signal.throwIfAborted();
  return outcome;
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
