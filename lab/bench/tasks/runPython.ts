import { runBenchProgram } from './boundedProgram.ts';

export type PythonOutcome = 'passed' | 'failed' | 'timedOut';

/** How a program ends that has come to its end: one that ends itself before has another code. */
const endCode = 71;

/**
 * Runs a program of a public test set, perhaps one that a model wrote, in a Python process of its own, and says whether it
 * reached its end, without anybody's packages. Throws what `runBenchProgram` does.
 */
export async function runPython(
  program: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<PythonOutcome> {
  const files = { 'program.py': `${program}\n__import__('os')._exit(${endCode})\n` };
  const { hasTimedOut, exitCode } = await runBenchProgram(
    { interpreter: 'python3', parameters: isolatedProgram, files, timeoutMs },
    signal,
  );
  if (hasTimedOut) return 'timedOut';
  return exitCode === endCode ? 'passed' : 'failed';
}

/** -I: neither environment variables nor the user's packages nor the folder it runs in. */
export const isolatedProgram = '-I program.py';
