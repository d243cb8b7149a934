import { spawn } from 'node:child_process';
import { scriptCommand } from './batchPrograms.mjs';
import { root } from './places.mjs';
import { SetupError } from './setupError.mjs';

/** The end of a failed command's output that is worth showing. */
const shownTailCharacters = 4_000;

/**
 * @typedef {object} CommandOptions
 * @property {string} [cwd] the checkout when absent
 * @property {Record<string, string | undefined>} [env] added to this process's environment
 * @property {number} [timeoutMs] ends the command after this long
 * @property {boolean} [show] passes the command's output through instead of keeping it
 */

/**
 * Runs a command without a shell and returns how it ended. `exitCode` is null when it could not be started or was
 * killed. `output` is stdout and stderr as they came, `stdout` the result alone; both are empty when shown.
 *
 * @param {readonly string[]} command
 * @param {CommandOptions} [options]
 * @returns {Promise<{ exitCode: number | null, output: string, stdout: string }>}
 */
export async function runCommand([program = '', ...args], options = {}) {
  return new Promise((resolve) => {
    /** @type {import('node:child_process').ChildProcess} */
    const child = spawn(program, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env },
      timeout: options.timeoutMs,
      stdio: options.show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let stdout = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      output += text;
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.on('error', (error) => {
      resolve({ exitCode: null, output: error.message, stdout: '' });
    });
    child.on('close', (exitCode) => {
      resolve({ exitCode, output, stdout });
    });
  });
}

/**
 * Runs a command that has to succeed and returns its stdout. Throws a `SetupError` with the end of all output; what
 * to do about it may depend on that.
 *
 * @param {readonly string[]} command
 * @param {CommandOptions & { remedy: string | ((output: string) => string) }} options
 * @returns {Promise<string>}
 */
export async function runOrFail(command, options) {
  const { exitCode, output, stdout } = await runCommand(command, options);
  if (exitCode === 0) return stdout;
  const tail = output.trimEnd().slice(-shownTailCharacters);
  const ending = exitCode === null ? 'did not run to its end' : `ended with code ${exitCode}`;
  const remedy = typeof options.remedy === 'string' ? options.remedy : options.remedy(output);
  throw new SetupError(`"${command.join(' ')}" ${ending}.${tail ? `\n${tail}` : ''}`, remedy);
}

/** Whether a program is on the path and answers `--version`. @param {string} program */
export async function answersVersion(program) {
  const command = scriptCommand(program, process.platform);
  return (await runCommand([...command, '--version'])).exitCode === 0;
}
