import { assertNever } from '../../../protocol/assertNever.ts';
import type { VerificationOutcome } from '../../../protocol/traceEvent.ts';
import type { ProgramFailure } from '../../prompts/repairPrompt.ts';
import type { EventSink } from '../../request/eventChannel.ts';
import type { CodeVerifier } from '../../verify/codeVerifier.ts';
import type { CodeGroup } from './codeGroups.ts';
import type { SelectionContext } from './selector.ts';

/** Runs the user's test on one code and reports it. The code comes back as it is where no test could judge it. */
export async function testCode(
  entry: CodeGroup,
  { verifier, attachment }: { readonly verifier: CodeVerifier } & Pick<SelectionContext, 'attachment'>,
  { events, ended }: { readonly events: EventSink; readonly ended: AbortSignal },
): Promise<CodeGroup> {
  const { changesNothing = false, ...run } = await verifier.verify(entry.code, attachment, ended);
  const { candidateId } = entry.group.votes[0];
  await events.push({ type: 'verification/finished', candidateId, command: verifier.command, ...run });
  if (run.outcome === 'passed') return { ...entry, test: 'passed', failure: null };
  const sentence = sentenceOf(run.outcome);
  return sentence === null
    ? entry
    : { ...entry, test: 'failed', changesNothing, failure: { sentence, output: run.output } };
}

/** What a test says against a program; null where it says nothing. */
function sentenceOf(outcome: Exclude<VerificationOutcome, 'passed'>): ProgramFailure['sentence'] | null {
  switch (outcome) {
    case 'failed':
      return 'The program fails its test, which reports:';
    case 'timedOut':
      return 'The test of the program did not end in time.';
    case 'memoryExceeded':
      return 'The test of the program took too much memory.';
    case 'outputExceeded':
      return 'The test of the program wrote too much.';
    case 'diskExceeded':
      return 'The test of the program filled too much of the disk.';
    case 'processesExceeded':
      return 'The test of the program started too many processes.';
    case 'notStarted':
    case 'cancelled':
      return null;
    default:
      return assertNever(outcome);
  }
}
