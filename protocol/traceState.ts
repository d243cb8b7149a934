import { assertNever } from './assertNever.ts';
import { completeLedger, emptyLedger, type Budget, type Ledger } from './budget.ts';
import type { ErrorData } from './codedError.ts';
import { appendTokenColumns, emptyTokenColumns } from './tokenColumns.ts';
import type {
  CandidateEnd,
  CandidateId,
  DecisionKind,
  RunnerEvent,
  SamplerSettings,
  SearchEvent,
  SelectorId,
  StopReason,
  RequestTiming,
  TokenColumns,
  TraceEvent,
  VoteTally,
} from './traceEvent.ts';

type EventOf<T extends TraceEvent['type']> = Extract<SearchEvent | RunnerEvent, { readonly type: T }>;

/** `won` and `lost` exist only once an answer was selected; until then a closed candidate shows how it ended. */
export type CandidateStatus = 'running' | 'won' | 'lost' | CandidateEnd;

/** A stretch of a candidate's text: generated tokens of one purpose, or a cue the strategy put in. */
type Segment =
  | {
      readonly type: 'generated';
      readonly purpose: 'thought' | 'answer';
      readonly from: number;
      readonly to: number;
    }
  | { readonly type: 'cue'; readonly text: string; readonly at: number };

export interface CandidateState {
  readonly id: CandidateId;
  readonly parent: EventOf<'candidate/opened'>['parent'];
  /** The candidate whose program it writes anew; null for all others. */
  readonly repairs: CandidateId | null;
  readonly sampler: SamplerSettings;
  readonly status: CandidateStatus;
  /** How it ended, kept when `status` has become `won` or `lost`. */
  readonly end: CandidateEnd | null;
  readonly answer: string | null;
  readonly tokens: TokenColumns;
  /** Length of each column of `tokens`; asking here costs less than reading one while a trace grows. */
  readonly tokenCount: number;
  /** In text order; `from`, `to`, `at` index into `tokens`. */
  readonly segments: readonly Segment[];
  readonly openedAtMs: number;
  readonly closedAtMs: number | null;
}

export interface Decision {
  readonly kind: DecisionKind;
  readonly candidateId: CandidateId | null;
  /** The candidate's token count when the decision fell; null for decisions about the whole request. */
  readonly atToken: number | null;
  readonly timeMs: number;
  readonly why: string;
}

/** A trial answer, with the candidate's token count when it was given. */
export type Trial = Pick<
  EventOf<'trial/answered'>,
  'candidateId' | 'answer' | 'confidence' | 'tokenCount'
> & { readonly atToken: number };

/** How likely a candidate is right: at its line ends, after so many of its generated tokens, and at its answer. P in 0…1. */
export type CandidateValues = Omit<EventOf<'value/read'>, 'type'>;

export type RequestStatus =
  | { readonly type: 'waiting' }
  | { readonly type: 'running' }
  | { readonly type: 'finished'; readonly reason: StopReason; readonly timing: RequestTiming }
  | { readonly type: 'failed'; readonly error: ErrorData };

/** Everything a view can show of one request. Built only by `reduceTrace`. */
export interface TraceState {
  readonly started: EventOf<'request/started'> | null;
  readonly status: RequestStatus;
  /** `seq` that the next event must carry. */
  readonly nextSeq: number;
  readonly lastTimeMs: number;
  readonly prefill: EventOf<'prefill/finished'> | null;
  readonly difficulty: EventOf<'difficulty/decided'> | null;
  /** The budget in force: the request's, then the one difficulty chose. */
  readonly budget: Budget | null;
  readonly candidates: readonly CandidateState[];
  readonly decisions: readonly Decision[];
  readonly trials: readonly Trial[];
  /** How likely candidates are right, for each that was read; experimental. */
  readonly values: readonly CandidateValues[];
  /** The lossy model that writes since; null while the request's own does. */
  readonly switched: EventOf<'model/switched'> | null;
  readonly speculation: readonly EventOf<'speculation/measured'>[];
  /** Readings of candidates' code, in order. */
  readonly parsings: readonly EventOf<'code/parsed'>[];
  readonly verifications: readonly EventOf<'verification/finished'>[];
  readonly judgement: EventOf<'judgement/made'> | null;
  readonly vote: { readonly selector: SelectorId; readonly tallies: readonly VoteTally[] } | null;
  readonly selected: EventOf<'answer/selected'> | null;
  readonly ledger: Ledger;
}

export const initialTraceState: TraceState = {
  started: null,
  status: { type: 'waiting' },
  nextSeq: 0,
  lastTimeMs: 0,
  prefill: null,
  difficulty: null,
  budget: null,
  candidates: [],
  decisions: [],
  trials: [],
  values: [],
  switched: null,
  speculation: [],
  parsings: [],
  verifications: [],
  judgement: null,
  vote: null,
  selected: null,
  ledger: emptyLedger,
};

/**
 * The next state after one event. Pure. An event already seen (`seq` below `nextSeq`) changes nothing; a gap is
 * the caller's to notice (`event.seq > state.nextSeq`) and to fill before reducing.
 */
// One case for each event, in the order in which they come: a table, whatever its length.
// eslint-disable-next-line max-lines-per-function
export function reduceTrace(state: TraceState, event: TraceEvent): TraceState {
  if (event.seq < state.nextSeq) return state;
  const next = { ...state, nextSeq: event.seq + 1, lastTimeMs: event.timeMs };
  switch (event.type) {
    case 'request/started':
      return { ...next, started: event, status: { type: 'running' }, budget: event.budget };
    case 'prefill/finished':
      return { ...next, prefill: event };
    case 'difficulty/decided':
      return {
        ...next,
        difficulty: event,
        // Where the user chose the strategy, it is only a note on what runs.
        ...(!event.fixedByUser.includes('strategy') && {
          budget: event.budget,
          candidates: state.candidates.map((c) => retemper(c, event.temperature)),
        }),
      };
    case 'candidate/opened':
      return { ...next, candidates: [...state.candidates, openCandidate(event, event.timeMs)] };
    case 'tokens/appended':
      return withCandidate(next, event.candidateId, (candidate) => appendTokens(candidate, event));
    case 'cue/appended':
      return withCandidate(next, event.candidateId, (candidate) => ({
        ...candidate,
        segments: [...candidate.segments, { type: 'cue', text: event.text, at: candidate.tokenCount }],
      }));
    case 'candidate/closed':
      return withCandidate(next, event.candidateId, (candidate) => ({
        ...candidate,
        status: event.end,
        end: event.end,
        answer: event.answer,
        closedAtMs: event.timeMs,
      }));
    case 'decision/made':
      return { ...next, decisions: [...state.decisions, placeDecision(state, event, event.timeMs)] };
    case 'trial/answered':
      return { ...next, trials: [...state.trials, placeTrial(state, event)] };
    case 'value/read':
      return { ...next, values: withValues(state.values, event) };
    case 'model/switched':
      return { ...next, switched: event };
    case 'speculation/measured':
      return { ...next, speculation: [...state.speculation, event] };
    case 'code/parsed':
      return { ...next, parsings: [...state.parsings, event] };
    case 'verification/finished':
      return { ...next, verifications: [...state.verifications, event] };
    case 'judgement/made':
      return { ...next, judgement: event };
    case 'vote/cast':
      return { ...next, vote: { selector: event.selector, tallies: event.tallies } };
    case 'answer/selected':
      return { ...next, selected: event, candidates: state.candidates.map((c) => settle(c, event)) };
    case 'ledger/updated':
      return { ...next, ledger: completeLedger(event.ledger) };
    case 'request/finished':
      return {
        ...next,
        ledger: completeLedger(event.ledger),
        status: { type: 'finished', reason: event.reason, timing: event.timing },
        candidates: state.candidates.map((c) => endWithRequest(c, event.timeMs)),
      };
    case 'request/failed':
      return {
        ...next,
        ledger: completeLedger(event.ledger),
        status: { type: 'failed', error: event.error },
        candidates: state.candidates.map((c) => endWithRequest(c, event.timeMs)),
      };
    default:
      return assertNever(event);
  }
}

export function reduceTraceAll(state: TraceState, events: Iterable<TraceEvent>): TraceState {
  let next = state;
  for (const event of events) next = reduceTrace(next, event);
  return next;
}

/** The values with those of an event, which go on where the candidate's last ones ended. */
function withValues(
  values: readonly CandidateValues[],
  { candidateId, lineEnds, answer }: EventOf<'value/read'>,
): readonly CandidateValues[] {
  const before = values.find((one) => one.candidateId === candidateId);
  if (before === undefined) return [...values, { candidateId, lineEnds, answer }];
  const merged: CandidateValues = {
    candidateId,
    lineEnds: {
      atTokens: [...before.lineEnds.atTokens, ...lineEnds.atTokens],
      values: [...before.lineEnds.values, ...lineEnds.values],
    },
    answer: answer ?? before.answer,
  };
  return values.map((one) => (one === before ? merged : one));
}

const voteNoteKinds: readonly DecisionKind[] = [
  'noAgreement',
  'selectionFellBack',
  'answersChecked',
  'codeNotParsed',
];

/** What was decided about the vote itself, to be shown beside it. */
export function voteNotes({ decisions }: Pick<TraceState, 'decisions'>): readonly Decision[] {
  return decisions.filter(({ kind }) => voteNoteKinds.includes(kind));
}

/** Whether the answer passed the user's test, which counts more than any votes, unless it passes without any program, too. */
export function isProvenByTest({
  decisions,
  selected,
  verifications,
}: Pick<TraceState, 'decisions' | 'selected' | 'verifications'>): boolean {
  const proves = decisions.every(({ kind }) => kind !== 'testPassesWithout');
  return (
    proves &&
    verifications.some(
      ({ candidateId, outcome }) => candidateId === selected?.candidateId && outcome === 'passed',
    )
  );
}

/** P(right), 0…1, at the candidate's answer, else at its last line that was read. */
export function latestValue({ answer, lineEnds }: CandidateValues): number | null {
  return answer ?? lineEnds.values.at(-1) ?? null;
}

/** The candidate's whole text: generated tokens with cues in their places. */
export function candidateText(candidate: CandidateState): string {
  return candidate.segments
    .map((segment) =>
      segment.type === 'cue' ? segment.text : candidate.tokens.texts.slice(segment.from, segment.to).join(''),
    )
    .join('');
}

function openCandidate(event: EventOf<'candidate/opened'>, timeMs: number): CandidateState {
  return {
    id: event.candidateId,
    parent: event.parent,
    repairs: event.repairs ?? null,
    sampler: event.sampler,
    status: 'running',
    end: null,
    answer: null,
    tokens: emptyTokenColumns,
    tokenCount: 0,
    segments: [],
    openedAtMs: timeMs,
    closedAtMs: null,
  };
}

/** The candidate whose opening was read for the decision goes on at the temperature that was decided. */
function retemper(candidate: CandidateState, temperature: number): CandidateState {
  return candidate.status === 'running'
    ? { ...candidate, sampler: { ...candidate.sampler, temperature } }
    : candidate;
}

function appendTokens(candidate: CandidateState, event: EventOf<'tokens/appended'>): CandidateState {
  const from = candidate.tokenCount;
  const to = from + event.tokens.ids.length;
  const last = candidate.segments.at(-1);
  const grows = last?.type === 'generated' && last.purpose === event.purpose;
  const segments: readonly Segment[] = grows
    ? [...candidate.segments.slice(0, -1), { ...last, to }]
    : [...candidate.segments, { type: 'generated', purpose: event.purpose, from, to }];
  return {
    ...candidate,
    tokens: appendTokenColumns(candidate.tokens, event.tokens),
    tokenCount: to,
    segments,
  };
}

function withCandidate(
  state: TraceState,
  candidateId: CandidateId,
  change: (candidate: CandidateState) => CandidateState,
): TraceState {
  return { ...state, candidates: state.candidates.map((c) => (c.id === candidateId ? change(c) : c)) };
}

function placeDecision(state: TraceState, event: EventOf<'decision/made'>, timeMs: number): Decision {
  const candidate = state.candidates.find((c) => c.id === event.candidateId);
  return {
    kind: event.kind,
    candidateId: event.candidateId,
    atToken: candidate?.tokenCount ?? null,
    timeMs,
    why: event.why,
  };
}

function placeTrial(state: TraceState, event: EventOf<'trial/answered'>): Trial {
  const { candidateId, answer, confidence, tokenCount } = event;
  const atToken = state.candidates.find((c) => c.id === candidateId)?.tokenCount ?? 0;
  return { candidateId, answer, confidence, tokenCount, atToken };
}

/** A failure can end the request before its candidates were closed; none of them is running any more. */
function endWithRequest(candidate: CandidateState, timeMs: number): CandidateState {
  return candidate.status === 'running' ? { ...candidate, status: 'stopped', closedAtMs: timeMs } : candidate;
}

/** Candidates that agree with the selected answer won; pruned, truncated and stopped ones keep showing why they ended. */
function settle(candidate: CandidateState, selected: EventOf<'answer/selected'>): CandidateState {
  if (candidate.id === selected.candidateId) return { ...candidate, status: 'won' };
  if (candidate.end === null || candidate.end !== 'finished') return candidate;
  const agrees = selected.answer !== null && candidate.answer === selected.answer;
  return { ...candidate, status: agrees ? 'won' : 'lost' };
}
