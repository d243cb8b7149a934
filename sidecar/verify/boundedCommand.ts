import { type ChildProcess, spawn } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import type { VerificationOutcome } from '../../protocol/traceEvent.ts';
import type { Clock } from '../process/clock.ts';
import { onAbort } from '../process/onAbort.ts';
import { CommandProcesses } from './commandProcesses.ts';
import { FolderWatch } from './folderWatch.ts';
import { OutputExcerpt } from './outputExcerpt.ts';

/** What a command and everything that it starts may take. */
export interface CommandLimits {
  readonly timeoutMs: number;
  readonly memoryBytes: number;
  /** Of standard output and standard error together. */
  readonly outputBytes: number;
  /** Of the folder with what was in it before, and of any one file elsewhere. */
  readonly diskBytes: number;
  readonly processCount: number;
}

export interface CommandRun {
  readonly outcome: VerificationOutcome;
  /** Null when it was killed or never started. */
  readonly exitCode: number | null;
  /** Beginning and end of what it wrote. */
  readonly output: string;
  readonly durationMs: number;
}

/** Between two looks at what the processes take. A process can fill some 100 MB in it. */
const watchMs = 100;
/** What is still in the pipes when all processes are gone is read within this. */
const drainMs = 500;

/** Names the folder to whatever the command starts, so that what leaves its process group can be found by it. */
export const markVariable = 'ENTROPANE_VERIFICATION';

/**
 * Runs a shell command in a folder in which nobody else works, and kills it with everything that it started: when a limit
 * is reached, when the signal aborts, and when the command itself has ended. Never throws and never hangs.
 */
export async function runBounded(
  command: string,
  options: {
    readonly folder: string;
    readonly limits: CommandLimits;
    /** Beside this process's own environment. */
    readonly environment: Readonly<Record<string, string>>;
    readonly clock: Pick<Clock, 'now'>;
  },
  signal: AbortSignal,
): Promise<CommandRun> {
  const { folder, limits, environment, clock } = options;
  const startedMs = clock.now();
  const excerpt = new OutputExcerpt();
  const finished = (outcome: VerificationOutcome, exitCode: number | null): CommandRun => ({
    outcome,
    exitCode,
    output: excerpt.text,
    durationMs: Math.round(clock.now() - startedMs),
  });
  const realFolder = await realpath(folder).catch(() => folder);
  if (signal.aborted) return finished('cancelled', null);
  const { program, parameters } = shellFor(command, limits);
  const child = spawn(program, parameters, {
    cwd: folder,
    shell: process.platform === 'win32',
    // Leads a group, so that all of it can be killed.
    detached: process.platform !== 'win32',
    env: { ...ownEnvironment(), ...environment, [markVariable]: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
  const processes =
    child.pid === undefined
      ? null
      : new CommandProcesses(child.pid, {
          sign: { folder: realFolder, variable: `${markVariable}=${folder}` },
          clock,
        });
  const stops: VerificationOutcome[] = [];
  const stop = (outcome: VerificationOutcome): void => {
    stops.push(outcome);
    processes?.kill();
  };
  const take = (chunk: Buffer): void => {
    excerpt.add(chunk);
    if (excerpt.byteCount > limits.outputBytes && stops.length === 0) stop('outputExceeded');
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const timeout = setTimeout(() => {
    stop('timedOut');
  }, limits.timeoutMs);
  const disk = new FolderWatch(realFolder, limits.diskBytes);
  const watch = setInterval(() => {
    if (disk.bytes > limits.diskBytes) stop('diskExceeded');
    const use = processes?.use() ?? null;
    if (use === null) return;
    if (use.memoryBytes + disk.memoryBytes > limits.memoryBytes) stop('memoryExceeded');
    if (use.processCount > limits.processCount) stop('processesExceeded');
  }, watchMs);
  const stopListening = onAbort(signal, () => {
    stop('cancelled');
  });
  try {
    const ended = await endOf(child);
    clearTimeout(timeout);
    clearInterval(watch);
    disk.dispose();
    // What it left running in the background holds the pipes open.
    await processes?.end();
    await drained(child);
    if (ended.type === 'notStarted') {
      excerpt.add(Buffer.from(ended.reason));
      return finished('notStarted', null);
    }
    // The first reason stands: what is being killed may reach other limits on its way.
    const [stoppedBy] = stops;
    if (stoppedBy !== undefined) return finished(stoppedBy, null);
    return finished(ended.exitCode === 0 ? 'passed' : 'failed', ended.exitCode);
  } finally {
    clearTimeout(timeout);
    clearInterval(watch);
    disk.dispose();
    stopListening();
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

/** Shells count files in these; some in twice as many bytes. */
const fileBlockBytes = 512;

/** A shell that runs the command after it has bound the size of files, for itself and whatever it starts. */
function shellFor(
  command: string,
  { diskBytes }: CommandLimits,
): { readonly program: string; readonly parameters: readonly string[] } {
  if (process.platform === 'win32') return { program: command, parameters: [] };
  const bound = `ulimit -f ${Math.ceil(diskBytes / fileBlockBytes)} 2>/dev/null; exec /bin/sh -c "$0"`;
  return { program: '/bin/sh', parameters: ['-c', bound, command] };
}

type CommandEnd =
  | { readonly type: 'ended'; readonly exitCode: number | null }
  | { readonly type: 'notStarted'; readonly reason: string };

function endOf(child: ChildProcess): Promise<CommandEnd> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve({ type: 'notStarted', reason: error.message });
    });
    child.once('exit', (exitCode) => {
      resolve({ type: 'ended', exitCode });
    });
  });
}

/** Resolves when both pipes are closed, or after a moment where somebody else keeps them open. */
async function drained(child: ChildProcess): Promise<void> {
  const open = [child.stdout, child.stderr].filter((stream) => stream !== null && !stream.closed);
  const closed = Promise.all(
    open.map((stream) => new Promise<void>((resolve) => stream?.once('close', resolve))),
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, drainMs);
  });
  await Promise.race([closed, late]);
  clearTimeout(timer);
}

/** This process's environment without what makes Node of the editor's program. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const environment = { ...process.env };
  for (const name of ['ELECTRON_RUN_AS_NODE', 'NODE_OPTIONS']) Reflect.deleteProperty(environment, name);
  return environment;
}
