import type { Attachment } from '../../protocol/attachment.ts';
import { toCodedError } from '../../protocol/codedError.ts';
import type { SidecarSettings } from '../../protocol/messages.ts';
import type { Clock } from '../process/clock.ts';
import { type CommandLimits, type CommandRun, runBounded } from './boundedCommand.ts';
import { confinementOf, type Isolation } from './confinement/sandbox.ts';
import { type CandidateCode, type PlaceCode, placeCode } from './placeCode.ts';
import { type CopyLimits, copyWorkspace } from './workspaceCopy.ts';

/** A run on a candidate's code. */
export interface CodeRun extends CommandRun {
  /** The code is what was there already, so that it was not run. False when absent. */
  readonly changesNothing?: boolean;
}

/** Runs the user's own tests on a candidate's code. */
export interface CodeVerifier {
  /** As the user wrote it. */
  readonly command: string;
  /** Never throws: what keeps it from running is an outcome, too. Its duration is of all that was done. */
  verify(code: CandidateCode, attachment: Attachment | null, signal: AbortSignal): Promise<CodeRun>;
  /** Whether the command passes without any candidate's code, so that passing it proves nothing. Absent where it cannot be run so. */
  passesWithout?(signal: AbortSignal): Promise<boolean>;
}

/** Names the file with the candidate's code to the command. */
const candidateVariable = 'ENTROPANE_CANDIDATE';

const copyLimits: CopyLimits = { fileCount: 20_000, bytes: 256 * 2 ** 20 };
const limits: Omit<CommandLimits, 'timeoutMs'> = {
  memoryBytes: 2 * 2 ** 30,
  outputBytes: 2 ** 20,
  diskBytes: 2 ** 30,
  processCount: 128,
};

/**
 * Null where there is no command, as in a workspace that is not trusted, whose client sends none, or no workspace to run it
 * in.
 */
export function verifierOf(
  { verifyCommand, verifySeconds }: Pick<SidecarSettings, 'verifyCommand' | 'verifySeconds'>,
  surroundings: {
    readonly workspacePath: string | null;
    readonly isolation: Isolation;
    readonly clock: Pick<Clock, 'now'>;
    readonly place?: PlaceCode;
  },
): CodeVerifier | null {
  const { workspacePath, ...rest } = surroundings;
  if (workspacePath === null || verifyCommand.trim() === '') return null;
  const timeoutMs = verifySeconds * 1000;
  return workspaceVerifier(workspacePath, { command: verifyCommand, timeoutMs, ...rest });
}

/**
 * A verifier that runs a shell command in a fresh copy of the workspace for each candidate, with the code in its place,
 * and removes the copy afterwards. Copying and running may take `timeoutMs` together. Where the machine has no sandbox the
 * command runs with the user's rights: only for a workspace that the user trusts.
 */
export function workspaceVerifier(
  folder: string,
  options: {
    readonly command: string;
    readonly timeoutMs: number;
    readonly isolation: Isolation;
    readonly clock: Pick<Clock, 'now'>;
    /** Where the code goes: `placeCode` unless given. */
    readonly place?: PlaceCode;
  },
): CodeVerifier {
  const { command, timeoutMs, isolation, clock, place = placeCode } = options;
  return {
    command,
    verify: async (code, attachment, signal) => {
      const startedMs = clock.now();
      const tookMs = (): number => clock.now() - startedMs;
      const deadline = AbortSignal.timeout(timeoutMs);
      const sandbox = await isolation.sandbox();
      const notStarted = (reason: string): CommandRun => ({
        outcome: signal.aborted ? 'cancelled' : 'notStarted',
        exitCode: null,
        output: reason,
        durationMs: Math.round(tookMs()),
        confinement: confinementOf(sandbox),
      });
      try {
        const copy = await copyWorkspace(folder, copyLimits, AbortSignal.any([signal, deadline]));
        if (copy === null) return notStarted(tooLarge);
        try {
          const placed = await place(copy.path, code, attachment);
          if ('refusal' in placed) return notStarted(`${placed.refusal}.`);
          const run = await runBounded(
            command,
            {
              folder: copy.path,
              environment: { [candidateVariable]: placed.path },
              readable: copy.packageFolders,
              isolation,
              limits: { ...limits, timeoutMs: Math.max(0, timeoutMs - tookMs()) },
              clock,
            },
            signal,
          );
          return { ...run, durationMs: Math.round(tookMs()) };
        } finally {
          await copy.dispose();
        }
      } catch (thrown) {
        if (thrown === deadline.reason) return notStarted(tooSlow);
        return notStarted(toCodedError(thrown).message);
      }
    },
  };
}

const tooLarge = `The workspace has more than ${copyLimits.fileCount} files or ${copyLimits.bytes / 2 ** 20} MB to copy.`;
const tooSlow = 'The time was used up while the workspace was being copied.';
