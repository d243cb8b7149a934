import type { EditVerification } from './edit.ts';
import type { VerificationOutcome } from './traceEvent.ts';

/** How a test command ended, as it goes on after its name. */
export const testEndWords: Readonly<Record<VerificationOutcome, string>> = {
  passed: 'passed',
  failed: 'failed',
  timedOut: 'did not end in time',
  memoryExceeded: 'took more memory than it may have',
  outputExceeded: 'printed more than it may',
  diskExceeded: 'wrote more to the disk than it may',
  processesExceeded: 'started more processes than it may have',
  notStarted: 'could not be run',
  cancelled: 'was stopped',
};

/** Says how a test command ended, and what kept it where it could not be started. Pure. */
export function testEndSentence({
  command,
  outcome,
  output,
}: Pick<EditVerification, 'command' | 'outcome' | 'output'>): string {
  const [why = ''] = output.trim().split('\n');
  const isSaid = outcome === 'notStarted' && why !== '';
  return `"${command}" ${testEndWords[outcome]}${isSaid ? `: ${why.replace(/\.$/u, '')}` : ''}.`;
}
