import type { CandidateEnd, CandidateId } from '../../../protocol/traceEvent.ts';
import type { TraceStatistics } from '../../numeric/traceStatistics.ts';
import type { DifficultyEvidence } from '../../request/difficultyEstimator.ts';

/**
 * How a candidate is written. `direct`: an answer and nothing else. `reasoned`: a thought, the answer marker, and
 * an answer that runs to the model's own end. `reasonedLine`: the same, but the answer ends with its line, which is
 * enough to vote on.
 */
export type CandidateForm = 'direct' | 'reasoned' | 'reasonedLine';

/** A candidate that has ended. */
export interface CandidateOutcome {
  readonly id: CandidateId;
  readonly end: CandidateEnd;
  /** Canonical, or null when none could be parsed. */
  readonly answer: string | null;
  /** Everything after the prompt, cues included; without the thought, where the model marks that. */
  readonly text: string;
  readonly thoughtTokens: number;
  readonly answerTokens: number;
  readonly statistics: TraceStatistics;
  /** P(right) at its answer by a value head, 0…1; null or absent where none was read. */
  readonly value?: number | null;
}

/** A candidate between its probe prefix and its end. */
export interface Beginning extends Pick<CandidateOutcome, 'thoughtTokens' | 'answerTokens'> {
  /** Whether it is open in the log, also where it was halted before its first token. */
  readonly isOpened: boolean;
  /** Whether its text begins at the first step, by a cue or of its own accord. */
  readonly beginsAtFirstStep: boolean;
  /** Whether the user or the time has asked something of it meanwhile. */
  readonly isAsked: boolean;
}

/** What difficulty is read from. */
export type ProbePrefix = Pick<DifficultyEvidence, 'probePrefixEntropyNats' | 'hasEnded'>;
