import { CodedError } from '../../protocol/codedError.ts';
import { runQuietly } from './quietCommand.ts';

/** Ways to call pip, best first. */
const pipCommands: readonly (readonly string[])[] = [
  ['python3', '-m', 'pip'],
  ['pip3'],
  ['pip'],
  ['python', '-m', 'pip'],
  ['py', '-m', 'pip'],
];

/** Command and first arguments that call this machine's pip. Throws `download.failed` where there is none. */
export async function findPip(signal: AbortSignal): Promise<readonly string[]> {
  for (const command of pipCommands) {
    const outcome = await runQuietly([...command, '--version'], process.env, signal);
    if (outcome.exitCode === 0) return command;
  }
  throw new CodedError(
    'download.failed',
    'The package mirror needs pip, and this machine has none.',
    'Install pip (on Debian: apt-get install python3-pip) and fetch again.',
  );
}
