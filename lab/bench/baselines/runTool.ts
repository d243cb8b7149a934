import { spawn } from 'node:child_process';
import { CodedError } from '../../../protocol/codedError.ts';

/**
 * Runs a program to its end and returns what it wrote to standard output; its standard error passes through when
 * `isLoud`. Killed on abort. Throws `engine.failed` when it cannot be started or exits with anything but 0.
 */
export async function runTool(
  command: string,
  args: readonly string[],
  options: { readonly folder?: string; readonly isLoud?: boolean },
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.folder,
      signal,
      stdio: ['ignore', 'pipe', options.isLoud === true ? 'inherit' : 'pipe'],
    });
    const output: Buffer[] = [];
    let complaint = '';
    child.stdout?.on('data', (bytes: Buffer) => output.push(bytes));
    child.stderr?.on('data', (bytes: Buffer) => {
      complaint = `${complaint}${bytes.toString('utf8')}`.slice(-2000);
    });
    child.on('error', (cause) => {
      reject(toolFailed(command, cause.message, cause));
    });
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(output).toString('utf8'));
      else reject(toolFailed(command, complaint.trim().split('\n').at(-1) || `exit code ${String(code)}`));
    });
  });
}

function toolFailed(command: string, why: string, cause?: unknown): CodedError {
  return new CodedError(
    'engine.failed',
    `${command} did not work: ${why}`,
    'Check that the program is installed and starts in a terminal.',
    { cause },
  );
}
