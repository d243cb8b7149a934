import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import type { ConfinedCommand } from './confinement/confinedCommand.ts';
import type { Guard } from './startGuard.ts';

/** Shells count files in these; some in twice as many bytes. */
const fileBlockBytes = 512;
/** The descriptor over which a shell says that it runs, and then waits for a line. */
export const startDescriptor = 3;

/**
 * A shell that runs the command, after it has been let go and has bound the size of files for itself and whatever it
 * starts. A process that dies before it has let the shell go leaves no command.
 */
export function shellFor(
  command: string,
  diskBytes: number,
  confined: ConfinedCommand | null,
): { readonly program: string; readonly parameters: readonly string[] } {
  if (process.platform === 'win32') return { program: command, parameters: [] };
  const script = [
    `echo ready >&${startDescriptor}`,
    `read -r go <&${startDescriptor} || exit 1`,
    `exec ${startDescriptor}>&-`,
    `ulimit -f ${Math.ceil(diskBytes / fileBlockBytes)} 2>/dev/null`,
    'exec /bin/sh -c "$0"',
  ].join('; ');
  const shell = ['-c', script, command];
  if (confined === null) return { program: '/bin/sh', parameters: shell };
  return { program: confined.program, parameters: [...confined.parameters, '/bin/sh', ...shell] };
}

export interface CommandStart {
  /** Whether the command itself was begun. */
  readonly isLetGo: boolean;
  /** Why its guard could not be started; the command was killed then. */
  readonly failure: string | null;
  dispose(): void;
}

/** Lets the shell go as soon as it runs and its guard does. */
export function commandStartOf(
  child: Pick<ChildProcess, 'kill'>,
  descriptor: unknown,
  begin: () => Promise<Guard | { readonly reason: string }> | null,
): CommandStart {
  let isLetGo = false;
  let failure: string | null = null;
  let isDisposed = false;
  let guard: Guard | null = null;
  const line = descriptor instanceof Socket ? descriptor : null;
  const letGo = async (): Promise<void> => {
    const started = await begin();
    if (started !== null && 'reason' in started) {
      failure = started.reason;
      child.kill('SIGKILL');
      return;
    }
    // The command may have been killed meanwhile.
    if (isDisposed) started?.dismiss();
    else guard = started;
    isLetGo = true;
    line?.write('go\n');
  };
  line?.on('error', () => undefined);
  // Where there is no such line, the command has begun.
  if (line === null) void letGo();
  else line.once('data', () => void letGo());
  return {
    get isLetGo() {
      return isLetGo;
    },
    get failure() {
      return failure;
    },
    dispose: () => {
      isDisposed = true;
      guard?.dismiss();
      line?.destroy();
    },
  };
}
