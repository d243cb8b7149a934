import type { RunScope } from '../../request/eventChannel.ts';
import { codeGroups, type CodeGroup, compareCodeGroups } from './codeGroups.ts';
import { fellBack, selectionOf, takenAmong, votesIn } from './codeVote.ts';
import { fallBackToMajority } from './majorityFallback.ts';
import { parseCode } from './parsedCode.ts';
import { castVote } from './ruleSelector.ts';
import type { Ballot, Selection, SelectionContext, Selector } from './selector.ts';
import { testCode } from './testedCode.ts';

/**
 * Code that passes the user's own test command. Candidates that wrote the same are one group. A parser reads each code
 * first; then they are tested one after another until one passes, what parses before what does not, and more votes before
 * fewer. Verified code outranks any number of votes; after it comes what was not tested, then what failed, then what does
 * not parse. Where no candidate wrote code, the majority decides.
 */
export const verifiedCode: Selector = {
  id: 'verifiedCode',
  isDecided: () => false,
  judgesOne: true,
  select: verifyGroups,
};

async function verifyGroups(
  ballots: readonly Ballot[],
  context: SelectionContext,
  scope: RunScope,
): Promise<Selection | null> {
  const written = codeGroups(ballots, context.attachment?.languageId ?? '');
  if (written.length === 0) {
    if (ballots.length < 2) return null;
    const why = 'No candidate wrote a block of code, so the majority decided.';
    return fallBackToMajority(ballots, why, { context, scope });
  }
  const parsed = await parseCode(written, context, scope);
  const [winner, ...others] = [...(await runTests(parsed, context, scope))].sort(compareCodeGroups);
  if (winner === undefined) return null;
  const selection = selectionOf([winner, ...others]);
  // One candidate alone is tested, and no vote.
  if (ballots.length > 1) await scope.events.push(castVote('verifiedCode', selection));
  return selection;
}

/** Tests one group after another until one passes, within what the budget leaves of time. */
async function runTests(
  groups: readonly CodeGroup[],
  { verifier, attachment, meter, steering }: SelectionContext,
  { events, signal }: RunScope,
): Promise<readonly CodeGroup[]> {
  if (verifier === null) {
    if (votesIn(groups) > 1)
      await events.push(
        fellBack(`No test command is set for this workspace, so ${takenAmong(groups)} was taken.`),
      );
    return groups;
  }
  const ended = AbortSignal.any([signal, steering.stopSignal, meter.outOfTime]);
  const isStopped = (): boolean => signal.aborted || steering.stopSignal.aborted;
  const isOutOfTime = (): boolean => meter.outOfTime.aborted || meter.exhausted() === 'durationMs';
  const tested: CodeGroup[] = [];
  for (const [place, entry] of groups.entries()) {
    if (isStopped() || isOutOfTime()) {
      tested.push(...groups.slice(place));
      break;
    }
    const after = await testCode(entry, { verifier, attachment }, { events, ended });
    if (after.test === 'passed') return [...tested, after, ...groups.slice(place + 1)];
    tested.push(after);
  }
  if (isStopped()) await events.push(fellBack('The tests were broken off, because the request was stopped.'));
  else if (isOutOfTime())
    await events.push(fellBack('The tests were broken off, because the time was used up.'));
  else
    await events.push(
      fellBack(`No candidate passed "${verifier.command}", so ${takenAmong(tested)} was taken.`),
    );
  return tested;
}
