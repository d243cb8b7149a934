import { toCodedError } from '../../protocol/codedError.ts';
import type { Attachment } from '../prompts/chatPrompt.ts';
import { runBounded, type CommandLimits, type CommandRun } from './boundedCommand.ts';
import { placeCode, type CandidateCode } from './placeCode.ts';
import { copyWorkspace, type CopyLimits } from './workspaceCopy.ts';

/** Runs the user's own tests on a candidate's code. */
export interface CodeVerifier {
  /** As the user wrote it. */
  readonly command: string;
  /** Within `timeoutMs` at most. Never throws: what keeps it from running is an outcome, too. */
  verify(
    code: CandidateCode,
    options: { readonly attachment: Attachment | null; readonly timeoutMs: number },
    signal: AbortSignal,
  ): Promise<CommandRun>;
}

/** Names the file with the candidate's code to the command. */
const candidateVariable = 'ENTROPANE_CANDIDATE';

const copyLimits: CopyLimits = { fileCount: 20_000, bytes: 256 * 2 ** 20 };
const limits: Omit<CommandLimits, 'timeoutMs'> = {
  memoryBytes: 2 * 2 ** 30,
  outputBytes: 2 ** 20,
  processCount: 128,
};

/**
 * A verifier that runs a shell command in a fresh copy of the workspace for each candidate, with the code in its place,
 * and removes the copy afterwards. The command runs with the user's rights: only for a workspace that the user trusts.
 */
export function workspaceVerifier(
  folder: string,
  { command, timeoutMs: longestMs }: { readonly command: string; readonly timeoutMs: number },
): CodeVerifier {
  return {
    command,
    verify: async (code, { attachment, timeoutMs }, signal) => {
      const startedMs = performance.now();
      const notStarted = (reason: string): CommandRun => ({
        outcome: signal.aborted ? 'cancelled' : 'notStarted',
        exitCode: null,
        output: reason,
        durationMs: Math.round(performance.now() - startedMs),
      });
      try {
        const copy = await copyWorkspace(folder, copyLimits, signal);
        if (copy === null) return notStarted(tooLarge);
        try {
          const placed = await placeCode(copy.path, code, attachment);
          if ('refusal' in placed) return notStarted(`${placed.refusal}.`);
          return await runBounded(
            command,
            {
              folder: copy.path,
              environment: { [candidateVariable]: placed.path },
              limits: { ...limits, timeoutMs: Math.min(timeoutMs, longestMs) },
            },
            signal,
          );
        } finally {
          await copy.dispose();
        }
      } catch (thrown) {
        return notStarted(toCodedError(thrown).message);
      }
    },
  };
}

const tooLarge = `The workspace has more than ${copyLimits.fileCount} files or ${copyLimits.bytes / 2 ** 20} MB to copy.`;
