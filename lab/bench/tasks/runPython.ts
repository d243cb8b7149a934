import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import { systemClock } from '../../../sidecar/process/clock.ts';
import { markVariable, runBounded } from '../../../sidecar/verify/boundedCommand.ts';
import { benchIsolation } from './benchIsolation.ts';

export type PythonOutcome = 'passed' | 'failed' | 'timedOut';

const limits = {
  memoryBytes: 2 * 2 ** 30,
  outputBytes: 2 ** 20,
  diskBytes: 2 ** 28,
  processCount: 32,
} as const;
/** How a program ends that has come to its end: one that ends itself before has another code. */
const endCode = 71;
/** What shells say of a program that is not there. */
const missingCode = 127;

/**
 * Runs a program of a public test set, perhaps one that a model wrote, in a Python process of its own, and says whether it
 * came to its end: in an empty folder that is removed, in a sandbox where the machine has one, with bounds on all it takes, and without this program's environment or
 * anybody's packages. What it prints is dropped. Throws `parameter.invalid` where there is no Python, `cancelled` when
 * aborted; everything that it started is gone in every case.
 */
export async function runPython(
  program: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<PythonOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'entropane-python-'));
  try {
    await writeFile(join(folder, 'program.py'), `${program}\n__import__('os')._exit(${endCode})\n`);
    const options = {
      folder,
      limits: { ...limits, timeoutMs },
      environment: {},
      isolation: benchIsolation,
      clock: systemClock,
    };
    const { outcome, exitCode, output } = await runBounded(command, options, signal);
    if (signal.aborted) throw new CodedError('cancelled', 'The tests were stopped.', 'Start them again.');
    // A program may end so, too; it has nothing to say of Python.
    const isMissing = exitCode === missingCode && output.includes('python3');
    if (outcome === 'notStarted' || isMissing)
      throw new CodedError('parameter.invalid', 'Python could not be started.', 'Install python3.');
    if (outcome === 'timedOut') return 'timedOut';
    return exitCode === endCode ? 'passed' : 'failed';
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** -I: neither environment variables nor the user's packages nor the folder it runs in. */
const isolated = 'python3 -I program.py';
/** The mark stays, by which what leaves its process group is found. */
const command =
  process.platform === 'win32'
    ? isolated
    : `env -i PATH="$PATH" ${markVariable}="$${markVariable}" ${isolated}`;
