import { describe, expect, it } from 'vitest';
import type { SearchEvent, TraceEvent } from '../../../../protocol/traceEvent.ts';
import { initialTraceState, reduceTraceAll, type TraceState } from '../../../../protocol/traceState.ts';
import { entropyHeight } from '../../../../webview-ui/charts/entropyScale.ts';
import { laneStarts, layoutCandidateLanes } from '../../../../webview-ui/charts/candidateLanes.ts';
import { generatedTrace } from '../../../support/trace/generatedTrace.ts';
import { tokenRun } from '../../../support/trace/tokenRun.ts';

const metrics = { widthPx: 800, laneHeightPx: 40, rowHeightPx: 40 };
const sampler = { temperature: 0, topK: 0, topP: 1, minP: 0 };

function stateAfter(...events: readonly SearchEvent[]): TraceState {
  return reduceTraceAll(
    initialTraceState,
    events.map((event, seq): TraceEvent => ({ ...event, seq, timeMs: seq })),
  );
}

const opened = (
  candidateId: number,
  parent: { candidateId: number; tokenCount: number } | null,
): SearchEvent => ({
  type: 'candidate/opened',
  candidateId,
  parent,
  sampler,
});
const thought = (candidateId: number, entropyNats: readonly number[]): SearchEvent => ({
  type: 'tokens/appended',
  candidateId,
  purpose: 'thought',
  tokens: tokenRun(entropyNats),
});

describe('layoutCandidateLanes', () => {
  it('gives each candidate a lane of its own, in order, from the common start', () => {
    const state = reduceTraceAll(initialTraceState, generatedTrace());
    const layout = layoutCandidateLanes(state, metrics);
    expect(layout.lanes.map(({ candidateId, top, startX }) => [candidateId, top, startX])).toEqual([
      [0, 0, 0],
      [1, 40, 0],
      [2, 80, 0],
      [3, 120, 0],
    ]);
    expect(layout.heightPx).toBe(160);
    const spaced = layoutCandidateLanes(state, { ...metrics, rowHeightPx: 58 });
    expect(spaced.lanes.map(({ top, heightPx }) => [top, heightPx])).toEqual([
      [0, 40],
      [58, 40],
      [116, 40],
      [174, 40],
    ]);
    expect(spaced.heightPx).toBe(232);
    expect(layout.budgetX).toBeGreaterThan(layout.lanes[0]?.endX ?? Infinity);
  });

  it('draws an entropy that is an interval up to its upper bound', () => {
    const [exact] = layoutCandidateLanes(stateAfter(opened(0, null), thought(0, [0.5])), metrics).lanes;
    const tokens = { ...tokenRun([0.5]), entropyUpperNats: [1.5] };
    const event: SearchEvent = { type: 'tokens/appended', candidateId: 0, purpose: 'thought', tokens };
    const [bounded] = layoutCandidateLanes(stateAfter(opened(0, null), event), metrics).lanes;
    expect(exact?.bars[0]?.upperHeight).toBeNull();
    expect(bounded?.bars[0]?.height).toBe(exact?.bars[0]?.height);
    expect(bounded?.bars[0]?.upperHeight).toBe(entropyHeight(1.5));
  });

  it('has no line for a thought budget of 0', () => {
    const budget = {
      thoughtTokensPerCandidate: 0,
      answerTokensPerCandidate: 64,
      generatedTokens: null,
      durationMs: null,
    };
    const state = stateAfter(opened(0, null), thought(0, [0, 1]));
    const budgetX = (thoughtTokensPerCandidate: number) =>
      layoutCandidateLanes({ ...state, budget: { ...budget, thoughtTokensPerCandidate } }, metrics).budgetX;
    expect([budgetX(0), budgetX(2)]).toEqual([null, expect.any(Number)]);
  });

  it('draws one bar a token where there is room', () => {
    const layout = layoutCandidateLanes(stateAfter(opened(0, null), thought(0, [0, Math.LN2, 4])), metrics);
    expect(layout.lanes[0]?.bars.map(({ level }) => level)).toEqual([0, 4, 7]);
  });

  it('joins tokens that share two pixels at their root mean square', () => {
    const tokens = Array.from({ length: 800 }, (_, index) => (index % 2 === 0 ? 0 : 2));
    const layout = layoutCandidateLanes(stateAfter(opened(0, null), thought(0, tokens)), metrics);
    const [lane] = layout.lanes;
    expect(lane?.bars).toHaveLength(400);
    expect(lane?.bars[0]?.widthPx).toBeCloseTo(2);
    // √((0² + 2²) / 2) = √2 nats: between four and five choices.
    expect(lane?.bars[0]?.level).toBe(5);
  });

  it('starts a forked candidate where it left its parent, and connects the two', () => {
    const state = stateAfter(
      opened(0, null),
      thought(0, [1, 1, 1, 1]),
      opened(1, { candidateId: 0, tokenCount: 4 }),
      thought(1, [1, 1]),
      opened(2, { candidateId: 1, tokenCount: 2 }),
    );
    expect([...laneStarts(state.candidates).values()]).toEqual([0, 4, 6]);
    const layout = layoutCandidateLanes(state, metrics);
    expect(layout.lanes[1]?.startX).toBeCloseTo(layout.lanes[0]?.endX ?? 0);
    expect(layout.forks.map(({ fromY, toY }) => [fromY, toY])).toEqual([
      [20, 60],
      [60, 100],
    ]);
  });

  it('marks cues and decisions at the token where they fell', () => {
    const state = stateAfter(
      opened(0, null),
      thought(0, [1, 1]),
      { type: 'cue/appended', candidateId: 0, text: 'Answer:', tokenCount: 2 },
      { type: 'decision/made', kind: 'answerNow', candidateId: 0, why: 'You asked for the answer.' },
    );
    const layout = layoutCandidateLanes(state, metrics);
    const { endX, marks } = layout.lanes[0] ?? { endX: 0, marks: [] };
    expect(marks).toEqual([
      { type: 'cue', x: endX, text: 'Answer:' },
      { type: 'decision', x: endX, kind: 'answerNow', why: 'You asked for the answer.' },
    ]);
  });

  it('draws values over the tokens after which they were read, and that of the answer at the end', () => {
    const state = stateAfter(
      opened(0, null),
      thought(0, [1, 1, 1, 1]),
      {
        type: 'value/read',
        candidateId: 0,
        lineEnds: { atTokens: [1, 3], values: [0.2, 0.4] },
        answer: null,
      },
      opened(1, { candidateId: 0, tokenCount: 4 }),
      thought(1, [1, 1]),
      { type: 'value/read', candidateId: 1, lineEnds: { atTokens: [1], values: [0.5] }, answer: 0.9 },
    );
    const { lanes, axis } = layoutCandidateLanes(state, metrics);
    const xOf = (token: number): number => (token / axis.endToken) * metrics.widthPx;
    expect(lanes.map(({ values }) => values)).toEqual([
      [
        { x: xOf(1), value: 0.2 },
        { x: xOf(3), value: 0.4 },
      ],
      [
        { x: xOf(5), value: 0.5 },
        { x: xOf(6), value: 0.9 },
      ],
    ]);
  });

  it('lays out a trace without candidates as nothing', () => {
    expect(layoutCandidateLanes(initialTraceState, metrics)).toMatchObject({
      lanes: [],
      heightPx: 0,
      budgetX: null,
    });
  });
});
