import { realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { passedEnvironment, sandboxEnvironment } from '../commandEnvironment.ts';
import { bubblewrapArguments } from './bubblewrap.ts';
import type { Sandbox, SandboxView } from './sandbox.ts';
import { sandboxExecProfile } from './sandboxExec.ts';
import type { ScratchFolders } from './scratchFolders.ts';
import { isShown, outermost, toolchainFolders } from './toolchainFolders.ts';

/** How a program is started in a sandbox. */
export interface ConfinedCommand {
  readonly program: string;
  /** The program that is confined, and its own parameters, come after these. */
  readonly parameters: readonly string[];
  /** All of it. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The user's home of a system that has none. */
const noHome = '/home/entropane';

/** Prepares a sandbox for one command in a folder. `readable` are packages that it may read, too. Throws system errors. */
export async function confinedCommand(
  sandbox: Exclude<Sandbox, { kind: 'none' }>,
  options: {
    readonly folder: string;
    readonly readable: readonly string[];
    readonly scratch: ScratchFolders;
    readonly source: Readonly<Record<string, string | undefined>>;
  },
): Promise<ConfinedCommand> {
  const { folder, readable, scratch, source } = options;
  const home = await homeOf(source);
  const view: SandboxView = {
    folder: await realpath(folder),
    home,
    scratch,
    readable: outermost([...(await shownToolchains(source, home)), ...readable]),
  };
  const environment = sandboxEnvironment(passedEnvironment(source, process.platform), sandbox.kind, view);
  const { program, kind } = sandbox;
  const parameters = kind === 'bubblewrap' ? bubblewrapArguments(view) : ['-p', sandboxExecProfile(view)];
  return { program, parameters, environment };
}

/** Those that are there, but for links to what is not to be seen. */
async function shownToolchains(
  source: Readonly<Record<string, string | undefined>>,
  home: string,
): Promise<readonly string[]> {
  const { HOME = '' } = source;
  const homes = path.isAbsolute(HOME) && path.dirname(HOME) !== HOME ? [...new Set([home, HOME])] : [home];
  const places = await Promise.all(
    toolchainFolders(source, homes).map(async (place) => ({
      place,
      real: await realpath(place).catch(() => null),
    })),
  );
  return places.flatMap(({ place, real }) => (real !== null && isShown(real, homes) ? [place] : []));
}

async function homeOf({ HOME }: Readonly<Record<string, string | undefined>>): Promise<string> {
  const named = HOME === undefined || HOME === '' ? homedir() : HOME;
  const home = await realpath(named).catch(() => named);
  return path.isAbsolute(home) && path.dirname(home) !== home ? home : noHome;
}
