import type { SearchEvent, SelectorId, VoteTally } from '../../../protocol/traceEvent.ts';
import type { EventSink } from '../../request/eventChannel.ts';
import { groupsOf } from './answerGroups.ts';
import { type Ballot, type Selection, type Selector, type Vote, votesOf } from './selector.ts';

/** A selector that looks at nothing but the ballots. */
export interface SelectionRule {
  readonly id: SelectorId;
  /** Pure. Null when no ballot can be counted. */
  readonly decide: (ballots: readonly Ballot[]) => Selection | null;
  /** Pure. Absent where a later ballot may always change the selection. */
  readonly isDecided?: (ballots: readonly Ballot[], undecidedCount: number) => boolean;
  /** As `Selector` has it. */
  readonly weightOf?: (vote: Vote) => number;
  /** What was taken where no two candidates agree, to end a sentence; null where agreement counts for nothing. */
  readonly takenWithoutAgreement: string | null;
}

/** Makes a rule a selector: it decides at once and reports the vote. */
export function ruleSelector(rule: SelectionRule): Selector {
  const { id, decide, weightOf, takenWithoutAgreement, isDecided = () => false } = rule;
  return {
    id,
    isDecided,
    ...(weightOf !== undefined && { weightOf }),
    select: async (ballots, _, { events }) => {
      const selection = decide(ballots);
      if (selection !== null) {
        await events.push(castVote(id, selection));
        if (takenWithoutAgreement !== null) await reportNoAgreement(ballots, takenWithoutAgreement, events);
      }
      return selection;
    },
  };
}

/** The vote, as the log has it. */
export function castVote(selector: SelectorId, { tallies }: Selection): SearchEvent {
  return { type: 'vote/cast', selector, tallies: tallies.map(rounded) };
}

/** Says what was taken where no two of all that voted agree, those among them whose answers the rule left out. */
export async function reportNoAgreement(
  ballots: readonly Ballot[],
  taken: string,
  events: EventSink,
): Promise<void> {
  const groups = groupsOf(votesOf(ballots));
  if (groups.length < 2 || groups.some(({ votes }) => votes.length > 1)) return;
  const why = `No two of the ${groups.length} answers agree, so ${taken} was taken.`;
  await events.push({ type: 'decision/made', kind: 'noAgreement', candidateId: null, why });
}

/** To six decimals, as the statistics that weights are made of. */
function rounded(tally: VoteTally): VoteTally {
  return { ...tally, weight: Math.round(tally.weight * 1e6) / 1e6 };
}
