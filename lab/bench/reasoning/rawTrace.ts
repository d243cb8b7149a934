import type { Ledger } from '../../../protocol/budget.ts';
import type { StrategyId } from '../../../protocol/strategyTable.ts';
import type { CandidateEnd, DifficultyClass, StopReason } from '../../../protocol/traceEvent.ts';
import { type CandidateState, candidateText, type TraceState } from '../../../protocol/traceState.ts';
import { tokenConfidence, traceStatistics } from '../../../sidecar/numeric/traceStatistics.ts';
import type { Ballot } from '../../../sidecar/reasoning/selection/selector.ts';
import type { Question } from './questionSet.ts';

/**
 * Raised when a raw line changes its meaning, or when answers are read off texts or chosen among candidates otherwise;
 * lines of another version are run again.
 */
export const rawVersion = 2;

/** One question answered once, with what is needed to answer it otherwise without the model. One line of a raw file. */
export interface RawTrace {
  readonly version: number;
  /** Key of its `StrategyRow`. */
  readonly row: string;
  /** Hash of prompt and rules in force; see `revisionsOf`. */
  readonly revision: string;
  readonly seed: number;
  readonly questionId: string;
  readonly isRight: boolean;
  readonly answer: string | null;
  readonly reason: StopReason;
  readonly ledger: Ledger;
  readonly timeToFirstTokenMs: number | null;
  /** Its part of the machine's time, which it shared with others. */
  readonly machineMs: number;
  readonly difficulty: {
    readonly class: DifficultyClass;
    readonly source: string;
    readonly strategy: StrategyId;
    readonly meanEntropyNats: number | null;
  } | null;
  readonly candidates: readonly RawCandidate[];
}

/** One candidate; columns have a value for each generated token, rounded to three decimals. */
export interface RawCandidate {
  readonly end: CandidateEnd | null;
  /** Canonical; null where none was parsed. */
  readonly answer: string | null;
  readonly isRight: boolean;
  readonly isSelected: boolean;
  /** Whether it continues another candidate, so that its text is not whole here. Absent in lines of earlier versions. */
  readonly isBranch?: boolean;
  readonly thoughtTokens: number;
  readonly answerTokens: number;
  readonly text: string;
  readonly entropyNats: readonly number[];
  readonly logprobs: readonly number[];
  /** As `tokenConfidence` has it. */
  readonly confidence: readonly number[];
}

/** What a raw line takes from a finished request. */
export function rawCandidatesOf(
  state: TraceState,
  isRight: (answer: string | null) => boolean,
): readonly RawCandidate[] {
  return state.candidates.map((candidate) => ({
    end: candidate.end,
    answer: candidate.answer,
    isRight: isRight(candidate.answer),
    isSelected: state.selected?.candidateId === candidate.id,
    isBranch: candidate.parent !== null,
    thoughtTokens: tokensOf(candidate, 'thought'),
    answerTokens: tokensOf(candidate, 'answer'),
    text: candidateText(candidate),
    entropyNats: candidate.tokens.entropyNats.map(round),
    logprobs: candidate.tokens.logprobs.map(round),
    confidence: candidate.tokens.alternatives.map((alternatives) => round(tokenConfidence(alternatives))),
  }));
}

/**
 * The traces of these questions, their answers compared with what is expected today; those of programs as their tests
 * had them. Pure.
 */
export function gradedFor(
  questions: readonly Pick<Question, 'id' | 'expected'>[],
  traces: readonly RawTrace[],
): readonly RawTrace[] {
  const expectedOf = new Map(questions.map(({ id, expected }) => [id, expected]));
  return traces.flatMap((trace) => {
    const expected = expectedOf.get(trace.questionId);
    if (expected === undefined) return [];
    return typeof expected === 'string' ? graded(trace, expected) : trace;
  });
}

function graded(trace: RawTrace, expected: string): RawTrace {
  return {
    ...trace,
    isRight: trace.answer === expected,
    candidates: trace.candidates.map((candidate) => ({
      ...candidate,
      isRight: candidate.answer === expected,
    })),
  };
}

/** The ballot of a candidate that ended by itself, as its request had it; null for any other. */
export function ballotOf(candidate: RawCandidate, candidateId: number): Ballot | null {
  const { end, answer, text, entropyNats, confidence } = candidate;
  if (end !== 'finished') return null;
  const statistics = traceStatistics(entropyNats, confidence);
  return { candidateId, answer, text, length: lengthOf(candidate), statistics };
}

/** Generated tokens of a candidate. */
export function lengthOf({ thoughtTokens, answerTokens }: RawCandidate): number {
  return thoughtTokens + answerTokens;
}

function tokensOf(candidate: CandidateState, purpose: 'thought' | 'answer'): number {
  return candidate.segments.reduce(
    (sum, s) => (s.type === 'generated' && s.purpose === purpose ? sum + s.to - s.from : sum),
    0,
  );
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
