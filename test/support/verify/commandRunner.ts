// A program: runs one command the way that the sidecar does, until it ends or is killed. Its argument is a `CommandToRun`.
import { systemClock } from '../../../sidecar/process/clock.ts';
import { runBounded } from '../../../sidecar/verify/boundedCommand.ts';
import type { Sandbox } from '../../../sidecar/verify/confinement/sandbox.ts';
import { ampleLimits } from '../machine/ampleLimits.ts';

interface CommandToRun {
  readonly command: string;
  readonly folder: string;
  readonly sandbox: Sandbox;
  readonly guardFile: string;
}

function toCommand(text: string): CommandToRun {
  return JSON.parse(text) as CommandToRun;
}

const { command, folder, sandbox, guardFile } = toCommand(process.argv[2] ?? '');
const isolation = { sandbox: () => Promise.resolve(sandbox), guardFile };
const options = { folder, limits: ampleLimits, environment: {}, isolation, clock: systemClock };
void runBounded(command, options, new AbortController().signal);
