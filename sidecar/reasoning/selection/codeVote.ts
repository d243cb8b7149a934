import type { SearchEvent } from '../../../protocol/traceEvent.ts';
import { excerptOf } from '../answers/excerpt.ts';
import { voters } from './answerGroups.ts';
import { type CodeGroup, rankOf } from './codeGroups.ts';
import type { Selection } from './selector.ts';

/** The first of ranked code, with the rank before the point of each weight and its share of the votes after it. Pure. */
export function selectionOf(ranked: readonly [CodeGroup, ...CodeGroup[]]): Selection {
  const total = votesIn(ranked);
  return {
    candidateId: ranked[0].group.votes[0].candidateId,
    tallies: ranked.map((entry) => ({
      answer: excerptOf(entry.code.text),
      candidateIds: voters(entry.group),
      weight: rankOf(entry) + entry.group.votes.length / (total + 1),
    })),
  };
}

/** Candidates that wrote any of this code. Pure. */
export function votesIn(groups: readonly CodeGroup[]): number {
  return groups.reduce((sum, { group }) => sum + group.votes.length, 0);
}

/** What is taken where no test decides, to end a sentence. Pure. */
export function takenAmong(groups: readonly CodeGroup[]): string {
  if (votesIn(groups) === 1) return 'the only code there is';
  const isMixed = groups.some(({ isBroken }) => isBroken) && groups.some(({ isBroken }) => !isBroken);
  return isMixed ? 'of the code that parses what has most votes' : 'the code with most votes';
}

/** The decision that no test chose; `why` is a sentence. */
export function fellBack(why: string): SearchEvent {
  return { type: 'decision/made', kind: 'selectionFellBack', candidateId: null, why };
}
