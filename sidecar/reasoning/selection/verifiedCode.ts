import type { SearchEvent } from '../../../protocol/traceEvent.ts';
import type { RunScope } from '../../request/eventChannel.ts';
import { excerptOf } from '../answers/excerpt.ts';
import { voters } from './answerGroups.ts';
import { codeGroups, type CodeGroup, compareCodeGroups, rankOf } from './codeGroups.ts';
import { fallBackToMajority } from './majorityFallback.ts';
import { parseCode } from './parsedCode.ts';
import { castVote } from './ruleSelector.ts';
import type { Ballot, Selection, SelectionContext, Selector } from './selector.ts';

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
  const ranked = [...(await runTests(parsed, context, scope))].sort(compareCodeGroups);
  const winner = ranked[0]?.group;
  if (winner === undefined) return null;
  const total = votesIn(ranked);
  const selection: Selection = {
    candidateId: winner.votes[0].candidateId,
    tallies: ranked.map((entry) => ({
      answer: excerptOf(entry.code.text),
      candidateIds: voters(entry.group),
      // The rank before the point, the share of the votes after it.
      weight: rankOf(entry) + entry.group.votes.length / (total + 1),
    })),
  };
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
        fellBack(`No test command is set for this workspace, so ${among(groups)} was taken.`),
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
    const run = await verifier.verify(entry.code, attachment, ended);
    const { candidateId } = entry.group.votes[0];
    await events.push({ type: 'verification/finished', candidateId, command: verifier.command, ...run });
    if (run.outcome === 'passed') {
      return [...tested, { ...entry, test: 'passed' }, ...groups.slice(place + 1)];
    }
    const isTested = run.outcome !== 'notStarted' && run.outcome !== 'cancelled';
    tested.push(isTested ? { ...entry, test: 'failed' } : entry);
  }
  if (isStopped()) await events.push(fellBack('The tests were broken off, because the request was stopped.'));
  else if (isOutOfTime())
    await events.push(fellBack('The tests were broken off, because the time was used up.'));
  else
    await events.push(fellBack(`No candidate passed "${verifier.command}", so ${among(tested)} was taken.`));
  return tested;
}

function votesIn(groups: readonly CodeGroup[]): number {
  return groups.reduce((sum, { group }) => sum + group.votes.length, 0);
}

/** Words for what votes were counted of. */
function among(groups: readonly CodeGroup[]): string {
  if (votesIn(groups) === 1) return 'the only code there is';
  const isMixed = groups.some(({ isBroken }) => isBroken) && groups.some(({ isBroken }) => !isBroken);
  return isMixed ? 'of the code that parses what has most votes' : 'the code with most votes';
}

function fellBack(why: string): SearchEvent {
  return { type: 'decision/made', kind: 'selectionFellBack', candidateId: null, why };
}
