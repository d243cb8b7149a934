import type { SearchEvent, SelectorId, VoteTally } from '../../protocol/traceEvent.ts';
import type { Ballot, Selection, Selector, Vote } from './selector.ts';

/** A selector that looks at nothing but the ballots. */
export interface SelectionRule {
  readonly id: SelectorId;
  /** Pure. Null when no ballot can be counted. */
  readonly decide: (ballots: readonly Ballot[]) => Selection | null;
  /** Pure. Absent where a later ballot may always change the selection. */
  readonly isDecided?: (ballots: readonly Ballot[], runningCount: number) => boolean;
  /** As `Selector` has it. */
  readonly weightOf?: (vote: Vote) => number;
  /** What was taken where no two candidates agree, to end a sentence; null where agreement counts for nothing. */
  readonly takenWithoutAgreement: string | null;
}

/** Makes a rule a selector: it decides at once and reports the vote. */
export function ruleSelector(rule: SelectionRule): Selector {
  const { id, decide, weightOf, isDecided = () => false } = rule;
  return {
    id,
    isDecided,
    ...(weightOf !== undefined && { weightOf }),
    select: async function* (ballots) {
      const selection = decide(ballots);
      if (selection !== null) yield* castVote(rule, selection);
      return Promise.resolve(selection);
    },
  };
}

/** The vote, and whether it was one: where no two candidates agree, what was taken is one answer among several. */
export function* castVote(
  { id, takenWithoutAgreement }: Pick<SelectionRule, 'id' | 'takenWithoutAgreement'>,
  { tallies }: Selection,
): Generator<SearchEvent, void, void> {
  yield { type: 'vote/cast', selector: id, tallies: tallies.map(rounded) };
  if (takenWithoutAgreement === null || !isWithoutAgreement(tallies)) return;
  const why = `No two of the ${tallies.length} answers agree, so ${takenWithoutAgreement} was taken.`;
  yield { type: 'decision/made', kind: 'noAgreement', candidateId: null, why };
}

function isWithoutAgreement(tallies: Selection['tallies']): boolean {
  return tallies.length > 1 && tallies.every(({ candidateIds }) => candidateIds.length === 1);
}

/** To six decimals, as the statistics that weights are made of. */
function rounded(tally: VoteTally): VoteTally {
  return { ...tally, weight: Math.round(tally.weight * 1e6) / 1e6 };
}
