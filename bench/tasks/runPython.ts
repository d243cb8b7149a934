import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { CodedError } from '../../protocol/codedError.ts';

export type PythonOutcome = 'passed' | 'failed' | 'timedOut';

/**
 * Runs a program of a public test set in a Python process of its own, isolated from this program's environment and
 * packages, and says whether it ended well. What it prints is dropped. Throws `parameter.invalid` where there is no
 * Python, `cancelled` when aborted; the process is gone in every case.
 */
export async function runPython(
  program: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<PythonOutcome> {
  // -I: neither environment variables nor the user's packages nor the folder it runs in.
  const child = spawn('python3', ['-I', '-'], {
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const late = new AbortController();
  const stop = (): void => {
    child.kill('SIGKILL');
  };
  late.signal.addEventListener('abort', stop, { once: true });
  const timer = setTimeout(() => {
    late.abort();
  }, timeoutMs);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
      // A program that ends before it was read whole closes the pipe.
      child.stdin.on('error', () => undefined);
      child.stdin.end(program);
    });
    if (signal.aborted) throw new CodedError('cancelled', 'The tests were stopped.', 'Start them again.');
    return late.signal.aborted ? 'timedOut' : exitCode === 0 ? 'passed' : 'failed';
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    throw new CodedError('parameter.invalid', 'Python could not be started.', 'Install python3.', { cause });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
