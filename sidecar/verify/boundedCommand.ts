import { type ChildProcess, spawn } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import type { Confinement, VerificationOutcome } from '../../protocol/traceEvent.ts';
import type { Clock } from '../process/clock.ts';
import { onAbort } from '../process/onAbort.ts';
import { passedEnvironment } from './commandEnvironment.ts';
import { CommandProcesses } from './commandProcesses.ts';
import { shellFor, startDescriptor } from './commandShell.ts';
import { type CommandStart, commandStartOf } from './commandStart.ts';
import { confinedCommand, type ConfinedCommand } from './confinement/confinedCommand.ts';
import { confinementOf, type Isolation, type Sandbox } from './confinement/sandbox.ts';
import { makeScratchFolders, type ScratchFolders } from './confinement/scratchFolders.ts';
import { FolderWatch } from './folderWatch.ts';
import { OutputExcerpt } from './outputExcerpt.ts';
import { startGuard } from './startGuard.ts';

/** What a command and everything that it starts may take. */
export interface CommandLimits {
  readonly timeoutMs: number;
  readonly memoryBytes: number;
  /** Limit for standard output and standard error together. */
  readonly outputBytes: number;
  /** Size of the folder with what was in it before and of what is written elsewhere in a sandbox; without one, of any one file elsewhere. */
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
  /** What kept it apart from the machine, or would have. */
  readonly confinement: Confinement;
}

/** Between two looks at what the processes take. A process can fill some 100 MB in it. */
const watchMs = 100;
/** What is still in the pipes when all processes are gone is read within this. */
const drainMs = 500;

/** Names the folder to whatever the command starts, so that what leaves its process group can be found by it. */
export const markVariable = 'ENTROPANE_VERIFICATION';

export interface CommandOptions {
  readonly folder: string;
  readonly limits: CommandLimits;
  /** Beside what is passed on of this process's environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly isolation: Isolation;
  /** Packages outside the folder that a sandbox shows the command, without letting it write there. Real paths. */
  readonly readable?: readonly string[];
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * Runs a shell command in a folder in which nobody else works, in a sandbox where the machine has one, and kills it with
 * everything that it started: when a limit is reached, when the signal aborts, when the command itself has ended, and when
 * this process dies. Never throws and never hangs.
 */
export async function runBounded(
  command: string,
  options: CommandOptions,
  signal: AbortSignal,
): Promise<CommandRun> {
  const startedMs = options.clock.now();
  const sandbox = await options.isolation.sandbox();
  const finished = (end: BoundedEnd): CommandRun => ({
    ...end,
    durationMs: Math.round(options.clock.now() - startedMs),
    confinement: confinementOf(sandbox),
  });
  if (signal.aborted) return finished({ outcome: 'cancelled', exitCode: null, output: '' });
  let scratch: ScratchFolders | null = null;
  try {
    let confined: ConfinedCommand | null = null;
    if (sandbox.kind !== 'none') {
      scratch = await makeScratchFolders();
      const { folder, readable = [] } = options;
      confined = await confinedCommand(sandbox, { folder, readable, scratch, source: process.env });
    }
    return finished(await runStarted(command, { ...options, sandbox, scratch, confined }, signal));
  } catch (thrown) {
    const output = thrown instanceof Error ? thrown.message : String(thrown);
    return finished({ outcome: 'notStarted', exitCode: null, output });
  } finally {
    await scratch?.dispose();
  }
}

type BoundedEnd = Pick<CommandRun, 'outcome' | 'exitCode' | 'output'>;

interface StartOptions extends CommandOptions {
  readonly sandbox: Sandbox;
  readonly scratch: ScratchFolders | null;
  readonly confined: ConfinedCommand | null;
}

async function runStarted(command: string, options: StartOptions, signal: AbortSignal): Promise<BoundedEnd> {
  const { folder, limits, isolation, clock, sandbox, scratch } = options;
  const realFolder = await realpath(folder).catch(() => folder);
  const sign = { folder: realFolder, variable: `${markVariable}=${folder}` };
  const child = spawnCommand(command, options);
  const processes = child.pid === undefined ? null : new CommandProcesses(child.pid, { sign, clock });
  const stops: VerificationOutcome[] = [];
  const stop = (outcome: VerificationOutcome): void => {
    stops.push(outcome);
    processes?.kill();
  };
  const excerpt = excerptOf(child, ({ byteCount }) => {
    if (byteCount > limits.outputBytes && stops.length === 0) stop('outputExceeded');
  });
  const places = [realFolder, ...(scratch === null ? [] : [scratch.path])];
  const stopWatching = watchLimits(limits, { places, processes }, stop);
  const stopListening = onAbort(signal, () => {
    stop('cancelled');
  });
  // Bubblewrap ends with its parent.
  const guardFile = sandbox.kind === 'bubblewrap' ? null : isolation.guardFile;
  const start = commandStartOf(child, child.stdio[startDescriptor], () =>
    guardFile === null || child.pid === undefined ? null : startGuard(guardFile, { id: child.pid, sign }),
  );
  try {
    const ended = await endOf(child);
    stopWatching();
    // What it left running in the background holds the pipes open.
    await processes?.end();
    await drained(child);
    // The first reason counts: what is being killed may reach other limits on its way.
    return boundedEnd(ended, { start, excerpt, stoppedBy: stops[0] });
  } finally {
    stopWatching();
    stopListening();
    start.dispose();
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

function spawnCommand(
  command: string,
  { folder, limits, environment, confined }: StartOptions,
): ChildProcess {
  const { platform } = process;
  const shell = shellFor(command, { platform, diskBytes: limits.diskBytes, confined });
  return spawn(shell.program, shell.parameters, {
    ...shell.options,
    cwd: folder,
    env: {
      ...(confined?.environment ?? passedEnvironment(process.env, platform)),
      ...environment,
      [markVariable]: folder,
    },
  });
}

/** What the child writes from now on; `onMore` is called after every piece. */
function excerptOf(child: ChildProcess, onMore: (excerpt: OutputExcerpt) => void): OutputExcerpt {
  const excerpt = new OutputExcerpt();
  const take = (chunk: Buffer): void => {
    excerpt.add(chunk);
    onMore(excerpt);
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  return excerpt;
}

/** Calls `stop` whenever time, disk, memory or processes exceed a limit, until the returned function is called. */
function watchLimits(
  limits: CommandLimits,
  { places, processes }: { readonly places: readonly string[]; readonly processes: CommandProcesses | null },
  stop: (outcome: VerificationOutcome) => void,
): () => void {
  const timeout = setTimeout(() => {
    stop('timedOut');
  }, limits.timeoutMs);
  const disk = places.map((place) => new FolderWatch(place, limits.diskBytes));
  const watch = setInterval(() => {
    if (sum(disk.map(({ bytes }) => bytes)) > limits.diskBytes) stop('diskExceeded');
    const use = processes?.use() ?? null;
    if (use === null) return;
    if (use.memoryBytes + sum(disk.map(({ memoryBytes }) => memoryBytes)) > limits.memoryBytes)
      stop('memoryExceeded');
    if (use.processCount > limits.processCount) stop('processesExceeded');
  }, watchMs);
  return () => {
    clearTimeout(timeout);
    clearInterval(watch);
    for (const each of disk) each.dispose();
  };
}

function boundedEnd(
  ended: CommandEnd,
  {
    start: { failure, isLetGo },
    excerpt,
    stoppedBy,
  }: {
    readonly start: Pick<CommandStart, 'failure' | 'isLetGo'>;
    readonly excerpt: OutputExcerpt;
    readonly stoppedBy: VerificationOutcome | undefined;
  },
): BoundedEnd {
  if (ended.type === 'notStarted') excerpt.add(Buffer.from(ended.reason));
  if (failure !== null) excerpt.add(Buffer.from(failure));
  const output = excerpt.text;
  if (ended.type === 'notStarted' || failure !== null)
    return { outcome: 'notStarted', exitCode: null, output };
  if (stoppedBy !== undefined) return { outcome: stoppedBy, exitCode: null, output };
  // The sandbox or the shell ended before the command ran.
  if (!isLetGo) return { outcome: 'notStarted', exitCode: null, output };
  return { outcome: ended.exitCode === 0 ? 'passed' : 'failed', exitCode: ended.exitCode, output };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
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
