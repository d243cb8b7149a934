import type { Attachment } from '../../../protocol/attachment.ts';
import type { CandidateId, SelectorId, VoteTally } from '../../../protocol/traceEvent.ts';
import type { Model, SequenceOptions } from '../../engine/engine.ts';
import type { FittedContext } from '../../prompts/chatPrompt.ts';
import type { TraceStatistics } from '../../numeric/traceStatistics.ts';
import type { BudgetMeter } from '../../request/budgetMeter.ts';
import type { RunScope } from '../../request/eventChannel.ts';
import type { AllocationRules } from '../value/allocation.ts';
import type { Steering } from '../../request/steering.ts';
import type { CodeVerifier } from '../../verify/codeVerifier.ts';
import type { CodeParser } from '../../verify/codeParser.ts';

/** A candidate that ended by itself, as a selector sees it. What was cut off, pruned or stopped has no ballot. */
export interface Ballot {
  readonly candidateId: CandidateId;
  /** Canonical answer, or null when none could be parsed. */
  readonly answer: string | null;
  /** Everything after the prompt. */
  readonly text: string;
  /** Generated tokens. */
  readonly length: number;
  readonly statistics: TraceStatistics;
  /** P(right) by a value head, 0…1; null or absent where none was read. */
  readonly value?: number | null;
}

/** A ballot that can be counted. */
export type Vote = Ballot & { readonly answer: string };

export interface Selection {
  /** The candidate whose text and answer are taken. */
  readonly candidateId: CandidateId;
  /** Answers with their voters and what they were ranked by, best first. One that the selector left out has none. */
  readonly tallies: readonly VoteTally[];
}

/** What a selector may use that decides by more than the ballots. */
export interface SelectionContext {
  readonly question: string;
  readonly attachment: Attachment | null;
  /** What the candidates were shown beside the question. */
  readonly fittedContext: FittedContext;
  readonly model: Model;
  readonly seed: number;
  readonly sequenceOptions: SequenceOptions;
  readonly meter: BudgetMeter;
  readonly steering: Steering;
  /** Null where no command is set, or the workspace is not trusted. */
  readonly verifier: CodeVerifier | null;
  /** Null where no code is asked for. */
  readonly codeParser: CodeParser | null;
  /** How the values of a head are to be used; null or absent where none is asked. */
  readonly valueRules?: AllocationRules | null;
}

/**
 * Decides which candidate's answer a request gives. Its events are its only output, and it spends only through the
 * context's meter. The same ballots in any order give the same selection.
 */
export interface Selector {
  readonly id: SelectorId;
  /** Null when it has nothing to go by. Ends soon after an abort, with what it can say by then. */
  select(ballots: readonly Ballot[], context: SelectionContext, scope: RunScope): Promise<Selection | null>;
  /** What a vote counts, at least 0, where the answer of the greatest sum is taken; absent where something else decides. Pure. */
  readonly weightOf?: (vote: Vote) => number;
  /** Whether candidates are sampled one after another, for as long as their values say that more are worth it; absent is no. */
  readonly stopsByValue?: boolean;
  /** Whether it has something to say of one program alone, where a question asks for one; absent is no. */
  readonly judgesOne?: boolean;
  /** Whether the selection is settled, whatever the candidates come to that still run or wait, so many in all. */
  isDecided(ballots: readonly Ballot[], undecidedCount: number): boolean;
}

/** The ballots with an answer. */
export function votesOf(ballots: readonly Ballot[]): readonly Vote[] {
  return ballots.flatMap((ballot) => (ballot.answer === null ? [] : [{ ...ballot, answer: ballot.answer }]));
}
