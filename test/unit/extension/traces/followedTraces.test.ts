import { describe, expect, it } from 'vitest';
import { FollowedTraces } from '../../../../extension/traces/followedTraces.ts';
import { type Budget, emptyLedger } from '../../../../protocol/budget.ts';
import type { TraceEvent } from '../../../../protocol/traceEvent.ts';
import { initialTraceState, reduceTraceAll } from '../../../../protocol/traceState.ts';

const budget: Budget = {
  thoughtTokensPerCandidate: 10,
  answerTokensPerCandidate: 10,
  generatedTokens: null,
  durationMs: null,
};

function started(requestId: string): TraceEvent {
  return {
    type: 'request/started',
    seq: 0,
    timeMs: 0,
    version: 1,
    requestId,
    startedAt: '2026-01-01T00:00:00.000Z',
    kind: 'ask',
    title: 'How many?',
    model: { name: 'm', hash: '0', hashKind: 'sha256' },
    seed: 1,
    sampler: { temperature: 0, topK: 0, topP: 1, minP: 0 },
    strategy: 'direct',
    candidateCount: 1,
    budget,
    promptHash: '0',
    promptTokenCount: 3,
  };
}

function ledgerAt(seq: number, prompt: number): TraceEvent {
  const ledger = { ...emptyLedger, tokens: { ...emptyLedger.tokens, prompt } };
  return { type: 'ledger/updated', seq, timeMs: seq * 10, ledger };
}

function finished(seq: number): TraceEvent {
  const timing = { timeToFirstTokenMs: null, decodeTokensPerSecond: null };
  return { type: 'request/finished', seq, timeMs: seq * 10, reason: 'answered', ledger: emptyLedger, timing };
}

const gone = { code: 'sidecar.gone', message: 'It stopped.', remedy: 'Ask again.' } as const;

describe('FollowedTraces', () => {
  it('learns the id from the batch that starts a request and keeps its events', () => {
    const store = new FollowedTraces();
    const id = store.append(null, [started('r1')]);
    store.append(id, [ledgerAt(1, 3)]);
    expect(id).toBe('r1');
    expect(store.eventsOf('r1')?.map((event) => event.seq)).toEqual([0, 1]);
    expect(store.lastRunning).toBe('r1');
  });

  it('names the request that started last as long as it runs', () => {
    const store = new FollowedTraces();
    store.append(null, [started('r1')]);
    store.append(null, [started('r2')]);
    store.append('r2', [finished(1)]);
    expect(store.lastRunning).toBe('r1');
    expect(store.isRunning('r2')).toBe(false);
    store.append('r1', [finished(1)]);
    expect(store.lastRunning).toBeNull();
  });

  it('closes a request that lost its sidecar, with what it had spent', () => {
    const store = new FollowedTraces();
    store.append(null, [started('r1'), ledgerAt(1, 3)]);
    const closing = store.fail('r1', gone);
    expect(closing).toMatchObject({ type: 'request/failed', seq: 2, timeMs: 10, error: gone });
    const state = reduceTraceAll(initialTraceState, store.eventsOf('r1') ?? []);
    expect(state.status).toEqual({ type: 'failed', error: gone });
    expect(state.ledger.tokens.prompt).toBe(3);
  });

  it('does not close a request twice', () => {
    const store = new FollowedTraces();
    store.append(null, [started('r1'), finished(1)]);
    expect(store.fail('r1', gone)).toBeNull();
  });

  it('lets go of finished requests, never of running ones', () => {
    const store = new FollowedTraces();
    store.append(null, [started('running')]);
    for (let index = 0; index < 10; index += 1) store.append(null, [started(`r${index}`), finished(1)]);
    expect(store.eventsOf('running')).toHaveLength(1);
    expect(store.eventsOf('r0')).toBeNull();
    expect(store.eventsOf('r9')).toHaveLength(2);
  });
});
