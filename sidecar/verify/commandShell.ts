import type { SpawnOptions } from 'node:child_process';
import { hasProcessGroups } from '../../protocol/processTree.ts';
import type { ConfinedCommand } from './confinement/confinedCommand.ts';

/** Shells count files in these; some in twice as many bytes. */
const fileBlockBytes = 512;
/** The descriptor over which a shell says that it runs, and then waits for a line. */
export const startDescriptor = 3;

/** What runs a command, and how it is started. */
export interface CommandShell {
  readonly program: string;
  readonly parameters: readonly string[];
  readonly options: Pick<SpawnOptions, 'shell' | 'detached' | 'stdio' | 'windowsHide'>;
}

/**
 * A shell that runs the command, after it has been let go and has bound the size of files for itself and whatever it
 * starts. A process that dies before it has let the shell go leaves no command. The shell of Windows can do neither: the
 * command begins at once, with files of any size. Pure.
 */
export function shellFor(
  command: string,
  {
    platform,
    diskBytes,
    confined,
  }: {
    readonly platform: NodeJS.Platform;
    readonly diskBytes: number;
    readonly confined: ConfinedCommand | null;
  },
): CommandShell {
  if (platform === 'win32') {
    return {
      program: command,
      parameters: [],
      options: {
        shell: true,
        detached: false,
        stdio: ['ignore', 'pipe', 'pipe', 'ignore'],
        windowsHide: true,
      },
    };
  }
  const script = [
    `echo ready >&${startDescriptor}`,
    `read -r go <&${startDescriptor} || exit 1`,
    `exec ${startDescriptor}>&-`,
    `ulimit -f ${Math.ceil(diskBytes / fileBlockBytes)} 2>/dev/null`,
    'exec /bin/sh -c "$0"',
  ].join('; ');
  const shell = ['-c', script, command];
  const [program, parameters] =
    confined === null
      ? ['/bin/sh', shell]
      : [confined.program, [...confined.parameters, '/bin/sh', ...shell]];
  return {
    program,
    parameters,
    options: {
      shell: false,
      // Leads a group, so that all of it can be killed.
      detached: hasProcessGroups(platform),
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    },
  };
}
