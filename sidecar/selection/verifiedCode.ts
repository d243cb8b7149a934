import type { SearchEvent } from '../../protocol/traceEvent.ts';
import { languageIdOf } from '../verify/codeLanguage.ts';
import type { CandidateCode } from '../verify/placeCode.ts';
import { compareEqualParties, partiesOf, voters, type AnswerParty } from './answerParties.ts';
import { excerptOf } from './excerpt.ts';
import { majorityVote } from './majorityVote.ts';
import { castVote, ruleSelector } from './ruleSelector.ts';
import type { Ballot, Selection, SelectionContext, Selector } from './selector.ts';
import { writtenCode } from './writtenCode.ts';

/**
 * Code that passes the user's own test command: candidates that wrote the same are tested once, those with most votes
 * first, and the first that passes is taken. Verified code outranks any number of votes; below it, code that was not
 * tested goes before code that failed, and more votes before fewer. Where no candidate wrote code, the majority decides.
 */
export const verifiedCode: Selector = {
  id: 'verifiedCode',
  isDecided: () => false,
  select: verifyParties,
};

type Standing = 'failed' | 'untested' | 'passed';
/** Higher outranks lower whatever the votes. */
const ranks: Readonly<Record<Standing, number>> = { failed: 0, untested: 1, passed: 2 };

interface CodeParty {
  readonly party: AnswerParty;
  readonly code: CandidateCode;
  readonly standing: Standing;
}

async function* verifyParties(
  ballots: readonly Ballot[],
  context: SelectionContext,
  signal: AbortSignal,
): AsyncGenerator<SearchEvent, Selection | null, void> {
  const written = codeParties(ballots, context.attachment?.languageId ?? '');
  if (written.length === 0) {
    yield fellBack('No candidate wrote a block of code, so the majority decided.');
    return yield* ruleSelector(majorityVote).select(ballots, context, signal);
  }
  const ranked = [...(yield* runTests(written, context, signal))].sort(compareStandings);
  const winner = ranked[0]?.party;
  if (winner === undefined) return null;
  const total = ranked.reduce((sum, { party }) => sum + party.votes.length, 0);
  const selection: Selection = {
    candidateId: winner.votes[0].candidateId,
    tallies: ranked.map(({ party, code, standing }) => ({
      answer: excerptOf(code.text),
      candidateIds: voters(party),
      // The standing before the point, the share of the votes behind it.
      weight: ranks[standing] + party.votes.length / (total + 1),
    })),
  };
  yield* castVote({ id: 'verifiedCode', takenWithoutAgreement: null }, selection);
  return selection;
}

/** Candidates by the code they wrote, the longest block of each; those without any are left out. */
function codeParties(ballots: readonly Ballot[], attachedLanguage: string): readonly CodeParty[] {
  const votes = ballots.flatMap((ballot) => {
    const block = writtenCode(ballot.text);
    return block === null ? [] : [{ ballot, block }];
  });
  const languages = new Map(votes.map(({ block }) => [block.text.trimEnd(), block.language]));
  return partiesOf(votes.map(({ ballot, block }) => ({ ...ballot, answer: block.text.trimEnd() })))
    .map((party): CodeParty => {
      const languageId = languageIdOf(languages.get(party.answer) ?? '') || attachedLanguage;
      return { party, code: { text: party.answer, languageId }, standing: 'untested' };
    })
    .sort(compareStandings);
}

/** Tests one party after another until one passes, within what the budget leaves of time. */
async function* runTests(
  parties: readonly CodeParty[],
  { verifier, attachment, meter, steering }: SelectionContext,
  signal: AbortSignal,
): AsyncGenerator<SearchEvent, readonly CodeParty[], void> {
  if (verifier === null) {
    yield fellBack('No test command is set for this workspace, so the code with most votes was taken.');
    return parties;
  }
  const ended = AbortSignal.any([signal, steering.stopSignal, meter.outOfTime]);
  const isStopped = (): boolean => signal.aborted || steering.stopSignal.aborted;
  const isOutOfTime = (): boolean => meter.outOfTime.aborted || meter.exhausted() === 'durationMs';
  const tested: CodeParty[] = [];
  for (const [place, entry] of parties.entries()) {
    if (isStopped() || isOutOfTime()) {
      tested.push(...parties.slice(place));
      break;
    }
    const run = await verifier.verify(entry.code, attachment, ended);
    const { candidateId } = entry.party.votes[0];
    yield { type: 'verification/finished', candidateId, command: verifier.command, ...run };
    if (run.outcome === 'passed') {
      return [...tested, { ...entry, standing: 'passed' }, ...parties.slice(place + 1)];
    }
    const isTested = run.outcome !== 'notStarted' && run.outcome !== 'cancelled';
    tested.push(isTested ? { ...entry, standing: 'failed' } : entry);
  }
  if (isStopped()) yield fellBack('The tests were broken off, because the request was stopped.');
  else if (isOutOfTime()) yield fellBack('The tests were broken off, because the time was used up.');
  else yield fellBack(`No candidate passed "${verifier.command}", so the code with most votes was taken.`);
  return tested;
}

function compareStandings(a: CodeParty, b: CodeParty): number {
  return (
    ranks[b.standing] - ranks[a.standing] ||
    b.party.votes.length - a.party.votes.length ||
    compareEqualParties(a.party, b.party)
  );
}

function fellBack(why: string): SearchEvent {
  return { type: 'decision/made', kind: 'selectionFellBack', candidateId: null, why };
}
