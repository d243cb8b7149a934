import { describe, expect, it } from 'vitest';
import type { HostToPanel } from '../../../../protocol/panelMessages.ts';
import { initialTraceState, reduceTraceAll } from '../../../../protocol/traceState.ts';
import { initialPanelState, receiveMessages } from '../../../../webview-ui/state/panelState.ts';
import { generatedTrace } from '../../../support/trace/generatedTrace.ts';

const events = generatedTrace({ tokensPerCandidate: 40 });
const whole = reduceTraceAll(initialTraceState, events);
const snapshot = (count: number): HostToPanel => ({
  type: 'trace/snapshot',
  requestId: 'r1',
  events: events.slice(0, count),
});
const append = (from: number, to?: number, requestId = 'r1'): HostToPanel => ({
  type: 'trace/append',
  requestId,
  events: events.slice(from, to),
});

describe('receiveMessages', () => {
  it('comes to the same state by snapshot and appends as by the whole trace', () => {
    const { state, replies } = receiveMessages(initialPanelState, [snapshot(5), append(5, 9), append(9)]);
    expect(state.trace).toEqual(whole);
    expect(replies).toEqual([]);
  });

  it('offers a question again only where the host can ask it, anew for each trace', () => {
    const known = receiveMessages(initialPanelState, [
      { type: 'trace/snapshot', requestId: 'r1', events, canAskAgain: true },
    ]);
    expect(known.state.canAskAgain).toBe(true);
    expect(receiveMessages(known.state, [snapshot(5)]).state.canAskAgain).toBe(false);
  });

  it('drops events that arrive twice', () => {
    const { state, replies } = receiveMessages(initialPanelState, [
      snapshot(8),
      append(2, 10),
      append(4, 10),
      append(10),
    ]);
    expect(state.trace).toEqual(whole);
    expect(replies).toEqual([]);
  });

  it('asks once for what is missing, shows what it has, and is whole after the snapshot', () => {
    const gap = receiveMessages(initialPanelState, [snapshot(5), append(7, 9), append(9, 12)]);
    expect(gap.replies).toEqual([{ type: 'trace/resend', requestId: 'r1' }]);
    expect(gap.state.trace.nextSeq).toBe(5);
    const closed = receiveMessages(gap.state, [append(12, 13), snapshot(14), append(14)]);
    expect(closed.replies).toEqual([]);
    expect(closed.state.trace).toEqual(whole);
  });

  it('takes in what comes before a gap in the same batch', () => {
    const { state } = receiveMessages(initialPanelState, [snapshot(5), append(5, 7), append(8)]);
    expect(state.trace.nextSeq).toBe(7);
    expect(state.isAwaitingResend).toBe(true);
  });

  it('leaves a trace alone when events of another request come in', () => {
    const { state, replies } = receiveMessages(initialPanelState, [snapshot(5), append(0, 9, 'r2')]);
    expect(state.trace.nextSeq).toBe(5);
    expect(replies).toEqual([]);
  });

  it('changes to another trace by its snapshot', () => {
    const other = generatedTrace({ seed: 3, candidateCount: 1 });
    const { state } = receiveMessages(initialPanelState, [
      snapshot(12),
      { type: 'trace/snapshot', requestId: 'r2', events: other },
    ]);
    expect(state.requestId).toBe('r2');
    expect(state.trace).toEqual(reduceTraceAll(initialTraceState, other));
  });

  it('keeps health and the list of traces across snapshots', () => {
    const health = { state: 'loading', modelName: 'm' } as const;
    const { state } = receiveMessages(initialPanelState, [
      { type: 'health/changed', health },
      { type: 'traces/listed', traces: [] },
      snapshot(3),
    ]);
    expect(state.health).toEqual(health);
  });
});
