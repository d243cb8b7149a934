import type { CommandRun } from './boundedCommand.ts';
import type { CodeVerifier } from './codeVerifier.ts';
import type { CandidateCode } from './placeCode.ts';

/** How shells end where there is no such program (127, or 9009 on Windows), or where it may not be run (126). */
const missingCodes: readonly (number | null)[] = [126, 127, 9009];

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

/** Whether the shell says so of the command's own program; what that starts may be missing, too. */
function isMissing(command: string, { outcome, exitCode, output }: CommandRun): boolean {
  const [program = ''] = command.trim().split(/\s/u);
  return outcome === 'failed' && missingCodes.includes(exitCode) && output.includes(program);
}
