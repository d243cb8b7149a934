import { doubtNats, doubtUpperNats } from '../../protocol/tokenColumns.ts';
import type { CandidateId, DecisionKind, TokenColumns } from '../../protocol/traceEvent.ts';
import type { CandidateState, CandidateStatus, TraceState } from '../../protocol/traceState.ts';
import { entropyHeight, entropyLevel } from './entropyScale.ts';
import { chooseTokenAxis, tokenToX, type TokenAxis } from './tokenAxis.ts';

/** A stretch of thought or answer, as the lane's background. Pixels from the chart's left edge. */
export interface LaneBox {
  readonly purpose: 'thought' | 'answer';
  readonly x: number;
  readonly widthPx: number;
}

/** One bar of a lane's entropy: one token, or all tokens that share two pixels. */
export interface EntropyBar {
  readonly x: number;
  readonly widthPx: number;
  /** Share of the lane's height, 0…1. */
  readonly height: number;
  /** The same of the upper bound, where the entropies are intervals and `height` is of the lower one; else null. */
  readonly upperHeight: number | null;
  readonly level: number;
}

export type LaneMark =
  | { readonly type: 'cue'; readonly x: number; readonly text: string }
  | { readonly type: 'decision'; readonly x: number; readonly kind: DecisionKind; readonly why: string };

/** P(right) as a value head read it at a place of a candidate. */
export interface ValuePoint {
  readonly x: number;
  /** 0…1. */
  readonly value: number;
}

export interface Lane {
  readonly candidateId: CandidateId;
  readonly status: CandidateStatus;
  readonly top: number;
  readonly heightPx: number;
  /** Where its own tokens begin: right of the prefix it shares with its parent. */
  readonly startX: number;
  readonly endX: number;
  readonly boxes: readonly LaneBox[];
  readonly bars: readonly EntropyBar[];
  readonly marks: readonly LaneMark[];
  /** From left to right; empty where nothing was read. */
  readonly values: readonly ValuePoint[];
}

/** A candidate that continues another's tokens, from the parent's lane down to its own. */
export interface LaneFork {
  readonly x: number;
  readonly fromY: number;
  readonly toY: number;
}

/** Everything the painter needs; it decides nothing itself. */
export interface LanesLayout {
  readonly axis: TokenAxis;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly lanes: readonly Lane[];
  readonly forks: readonly LaneFork[];
  readonly ticks: readonly { readonly x: number; readonly token: number }[];
  /** The thought budget, or null when it lies beyond the axis, or there is none or no thought. */
  readonly budgetX: number | null;
}

export interface LaneMetrics {
  readonly widthPx: number;
  readonly laneHeightPx: number;
  /** From one lane to the next: more than a lane's height where text has a line below each. */
  readonly rowHeightPx: number;
}

/** TraceState → boxes, bars and marks. Pure; linear in the number of tokens. */
export function layoutCandidateLanes(state: TraceState, metrics: LaneMetrics): LanesLayout {
  const { widthPx, laneHeightPx, rowHeightPx } = metrics;
  const starts = laneStarts(state.candidates);
  const startOf = (candidate: CandidateState): number => starts.get(candidate.id) ?? 0;
  const budgetTokens = thoughtBudgetOf(state);
  const axis = traceTokenAxis(state, widthPx);
  const rowOf = new Map(state.candidates.map((candidate, row) => [candidate.id, row]));
  const middleOf = (row: number): number => row * rowHeightPx + 0.5 * laneHeightPx;
  return {
    axis,
    widthPx,
    heightPx: state.candidates.length * rowHeightPx,
    lanes: state.candidates.map((candidate, row) => ({
      candidateId: candidate.id,
      status: candidate.status,
      top: row * rowHeightPx,
      heightPx: laneHeightPx,
      startX: tokenToX(axis, startOf(candidate), widthPx),
      endX: tokenToX(axis, startOf(candidate) + candidate.tokenCount, widthPx),
      boxes: layoutBoxes(candidate, startOf(candidate), axis, widthPx),
      bars: layoutBars(candidate.tokens, startOf(candidate), axis, widthPx),
      marks: layoutMarks(candidate, startOf(candidate), state, axis, widthPx),
      values: layoutValues(candidate, startOf(candidate), state, axis, widthPx),
    })),
    forks: state.candidates.flatMap((candidate, row) => {
      const parentRow = candidate.parent === null ? undefined : rowOf.get(candidate.parent.candidateId);
      if (parentRow === undefined) return [];
      const x = tokenToX(axis, startOf(candidate), widthPx);
      return [{ x, fromY: middleOf(parentRow), toY: middleOf(row) }];
    }),
    ticks: axis.ticks.map((token) => ({ token, x: tokenToX(axis, token, widthPx) })),
    budgetX:
      budgetTokens !== null && budgetTokens <= axis.endToken ? tokenToX(axis, budgetTokens, widthPx) : null,
  };
}

/** Thought tokens of a candidate at most; null where it may have none, as in a direct answer. */
export function thoughtBudgetOf({ budget }: Pick<TraceState, 'budget'>): number | null {
  const tokens = budget?.thoughtTokensPerCandidate ?? 0;
  return tokens === 0 ? null : tokens;
}

/** The axis of a trace: the same for its lanes and for every other chart drawn at that width. */
export function traceTokenAxis(state: TraceState, widthPx: number): TokenAxis {
  const starts = laneStarts(state.candidates);
  return chooseTokenAxis({
    longestTokens: state.candidates.reduce((n, c) => Math.max(n, (starts.get(c.id) ?? 0) + c.tokenCount), 0),
    budgetTokens: thoughtBudgetOf(state),
    isRunning: state.status.type === 'running',
    widthPx,
  });
}

/** First own token of every candidate on the shared axis: 0, or where it was forked from its parent. */
export function laneStarts(candidates: readonly CandidateState[]): ReadonlyMap<CandidateId, number> {
  const starts = new Map<CandidateId, number>();
  for (const { id, parent } of candidates) {
    starts.set(id, parent === null ? 0 : (starts.get(parent.candidateId) ?? 0) + parent.tokenCount);
  }
  return starts;
}

function layoutBoxes(
  candidate: CandidateState,
  start: number,
  axis: TokenAxis,
  widthPx: number,
): readonly LaneBox[] {
  return candidate.segments.flatMap((segment) => {
    if (segment.type === 'cue') return [];
    const x = tokenToX(axis, start + segment.from, widthPx);
    return [{ purpose: segment.purpose, x, widthPx: tokenToX(axis, start + segment.to, widthPx) - x }];
  });
}

const narrowestBarPx = 2;

/**
 * Bars of at least two pixels. Tokens that share one are drawn at their root mean square: a single doubt among
 * certain tokens stays visible, and a long trace does not turn solid.
 */
function layoutBars(
  tokens: TokenColumns,
  start: number,
  axis: TokenAxis,
  widthPx: number,
): readonly EntropyBar[] {
  const entropyNats = doubtNats(tokens);
  const upperNats = doubtUpperNats(tokens);
  const tokensPerBar = Math.max(1, Math.ceil((narrowestBarPx * axis.endToken) / Math.max(1, widthPx)));
  const bars: EntropyBar[] = [];
  for (let from = 0; from < entropyNats.length; from += tokensPerBar) {
    const to = Math.min(from + tokensPerBar, entropyNats.length);
    const nats = rootMeanSquare(entropyNats, from, to);
    const x = tokenToX(axis, start + from, widthPx);
    bars.push({
      x,
      widthPx: tokenToX(axis, start + to, widthPx) - x,
      height: entropyHeight(nats),
      upperHeight: upperNats === null ? null : entropyHeight(rootMeanSquare(upperNats, from, to)),
      level: entropyLevel(nats),
    });
  }
  return bars;
}

function rootMeanSquare(values: readonly (number | null)[], from: number, to: number): number {
  let sumOfSquares = 0;
  for (let index = from; index < to; index++) sumOfSquares += (values[index] ?? 0) ** 2;
  return Math.sqrt(sumOfSquares / (to - from));
}

function layoutValues(
  candidate: CandidateState,
  start: number,
  { values }: TraceState,
  axis: TokenAxis,
  widthPx: number,
): readonly ValuePoint[] {
  const read = values.find(({ candidateId }) => candidateId === candidate.id);
  if (read === undefined) return [];
  const at = (token: number, value: number): ValuePoint => ({
    x: tokenToX(axis, start + token, widthPx),
    value,
  });
  const lineEnds = read.lineEnds.values.map((value, index) => at(read.lineEnds.atTokens[index] ?? 0, value));
  return read.answer === null ? lineEnds : [...lineEnds, at(candidate.tokenCount, read.answer)];
}

function layoutMarks(
  candidate: CandidateState,
  start: number,
  state: TraceState,
  axis: TokenAxis,
  widthPx: number,
): readonly LaneMark[] {
  const cues = candidate.segments.flatMap((segment): LaneMark[] =>
    segment.type === 'cue'
      ? [{ type: 'cue', x: tokenToX(axis, start + segment.at, widthPx), text: segment.text }]
      : [],
  );
  const decisions = state.decisions.flatMap((decision): LaneMark[] =>
    decision.candidateId === candidate.id && decision.atToken !== null
      ? [
          {
            type: 'decision',
            x: tokenToX(axis, start + decision.atToken, widthPx),
            kind: decision.kind,
            why: decision.why,
          },
        ]
      : [],
  );
  return [...cues, ...decisions];
}
