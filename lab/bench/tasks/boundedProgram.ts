import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import { systemClock } from '../../../sidecar/process/clock.ts';
import { markVariable, runBounded } from '../../../sidecar/verify/boundedCommand.ts';
import { benchIsolation } from './benchIsolation.ts';

/** A program of a bench, of which a part may be what a model wrote. */
export interface BenchProgram {
  readonly interpreter: 'python3' | 'node';
  /** What follows the interpreter in its command. */
  readonly parameters: string;
  /** Its files, by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

export interface ProgramEnd {
  readonly hasTimedOut: boolean;
  /** Null where it was killed. */
  readonly exitCode: number | null;
  /** What it wrote into the file `outcomeFile`; null where it wrote none. */
  readonly outcome: string | null;
}

/** Where a program may leave more than an exit code. */
export const outcomeFile = 'outcome.json';

const limits = {
  memoryBytes: 2 * 2 ** 30,
  outputBytes: 2 ** 20,
  diskBytes: 2 ** 28,
  processCount: 32,
} as const;
/** What shells say of a program that is not there. */
const missingCode = 127;

/**
 * Runs a program in a process of its own and waits for its end: in an empty folder that is removed, in a sandbox where the
 * machine has one, with bounds on all it takes, and without this program's environment. What it prints is dropped. Throws
 * `parameter.invalid` where its interpreter is missing, `cancelled` when aborted; everything that it started is gone in
 * every case.
 */
export async function runBenchProgram(program: BenchProgram, signal: AbortSignal): Promise<ProgramEnd> {
  const { interpreter, parameters, files, timeoutMs } = program;
  const folder = await mkdtemp(join(tmpdir(), 'entropane-program-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const options = {
      folder,
      limits: { ...limits, timeoutMs },
      environment: {},
      isolation: benchIsolation,
      clock: systemClock,
    };
    const run = await runBounded(commandOf(interpreter, parameters), options, signal);
    if (signal.aborted) throw new CodedError('cancelled', 'The tests were stopped.', 'Start them again.');
    // A program may end so, too; it has nothing to say of its interpreter.
    const isMissing = run.exitCode === missingCode && run.output.includes(interpreter);
    if (run.outcome === 'notStarted' || isMissing)
      throw new CodedError(
        'parameter.invalid',
        `${interpreter} could not be started, so what a model wrote cannot be tested.`,
        `Install ${interpreter}, and put it on the PATH.`,
      );
    const outcome = await readFile(join(folder, outcomeFile), 'utf8').catch(() => null);
    return { hasTimedOut: run.outcome === 'timedOut', exitCode: run.exitCode, outcome };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The mark stays, by which what leaves its process group is found. */
function commandOf(interpreter: string, parameters: string): string {
  const isolated = `${interpreter} ${parameters}`;
  return process.platform === 'win32'
    ? isolated
    : `env -i PATH="$PATH" ${markVariable}="$${markVariable}" ${isolated}`;
}
