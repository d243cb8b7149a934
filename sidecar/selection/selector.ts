import type { CandidateId, VoteTally } from '../../protocol/traceEvent.ts';

/** A candidate that ended by itself, as a selector sees it. */
export interface Ballot {
  readonly candidateId: CandidateId;
  /** Canonical answer. */
  readonly answer: string;
  /** Generated tokens. */
  readonly length: number;
}

interface Selection {
  readonly answer: string;
  /** The candidate whose text stands for the answer. */
  readonly candidateId: CandidateId;
  /** Every answer with its voters, best first. */
  readonly tallies: readonly VoteTally[];
}

/** Decides which answer a request gives. Pure: the same ballots in any order give the same selection. */
export interface Selector {
  /** Names it in the trace. */
  readonly id: string;
  /** Null without ballots. */
  select(ballots: readonly Ballot[]): Selection | null;
}
