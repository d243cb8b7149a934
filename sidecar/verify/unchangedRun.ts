import type { CommandRun } from './boundedCommand.ts';
import type { CodeVerifier } from './codeVerifier.ts';
import type { CandidateCode } from './placeCode.ts';

/** How POSIX shells end where there is no such program (127), or where it may not be run (126). */
const missingCodes: readonly (number | null)[] = [126, 127];
/** What they say of it, after its name; zsh has the name last. */
const missingWords =
  /command not found: (?<last>\S+)|(?<first>[^\s:]+): (?:command )?(?:not found|Permission denied|Is a directory|No such file)/u;

/**
 * Runs a command on code as it was before any candidate's. `notStarted` where its program is missing: on code that a model wrote, the
 * same end may be that code's own.
 */
export async function runUnchanged(
  verifier: CodeVerifier,
  code: CandidateCode,
  signal: AbortSignal,
): Promise<CommandRun> {
  const run = await verifier.verify(code, null, signal);
  return isMissing(verifier.command, run) ? notRun(run, run.output) : run;
}

/** A run that did not take place, with why. */
export function notRun({ confinement }: CommandRun, output: string): CommandRun {
  return { outcome: 'notStarted', exitCode: null, output, durationMs: 0, confinement };
}

/** Whether the shell says so of a program that the command names; what that starts may be missing, too. */
function isMissing(command: string, { outcome, exitCode, output }: CommandRun): boolean {
  if (outcome !== 'failed' || !missingCodes.includes(exitCode)) return false;
  const { first, last } = missingWords.exec(output)?.groups ?? {};
  return command.split(/[\s;&|()]+/u).includes(first ?? last ?? '');
}
