import { describe, expect, test } from 'vitest';
import { emptyLedger } from '../../../protocol/budget.ts';
import { appendTokenColumns, emptyTokenColumns } from '../../../protocol/tokenColumns.ts';
import type { SearchEvent, RunnerEvent, TokenColumns, TraceEvent } from '../../../protocol/traceEvent.ts';
import {
  candidateText,
  initialTraceState,
  latestValue,
  reduceTrace,
  reduceTraceAll,
} from '../../../protocol/traceState.ts';

const sampler = { temperature: 0.7, topK: 0, topP: 1, minP: 0 };
const budget = {
  thoughtTokensPerCandidate: 10,
  answerTokensPerCandidate: 10,
  generatedTokens: null,
  durationMs: null,
};
const timing = { timeToFirstTokenMs: 1, decodeTokensPerSecond: 2 };

function columns(...texts: readonly string[]): TokenColumns {
  return {
    ids: texts.map((_, index) => index),
    texts,
    logprobs: texts.map(() => -0.5),
    entropyNats: texts.map((_, index) => index / 10),
    varentropy: texts.map(() => 0.1),
    margins: texts.map(() => 0.9),
    alternatives: texts.map((text, id) => [{ id, text, logprob: -0.5 }]),
    sources: texts.map(() => 'model'),
  };
}

/** Events numbered as the runner numbers them, one millisecond apart. */
function numbered(...events: readonly (SearchEvent | RunnerEvent)[]): readonly TraceEvent[] {
  return events.map((event, seq) => ({ ...event, seq, timeMs: seq }));
}

const started: RunnerEvent = {
  type: 'request/started',
  version: 1,
  requestId: 'r',
  startedAt: '2026-01-01T00:00:00.000Z',
  kind: 'ask',
  title: 'Why?',
  model: { name: 'm', hash: 'h', hashKind: 'sha256' },
  seed: 1,
  sampler,
  strategy: 'selfConsistency',
  candidateCount: 2,
  budget,
  promptHash: 'p',
  promptTokenCount: 3,
};
const opened = (candidateId: number): SearchEvent => ({
  type: 'candidate/opened',
  candidateId,
  parent: null,
  sampler,
});
const wrote = (
  candidateId: number,
  purpose: 'thought' | 'answer',
  ...texts: readonly string[]
): SearchEvent => {
  return { type: 'tokens/appended', candidateId, purpose, tokens: columns(...texts) };
};
const closed = (
  candidateId: number,
  answer: string | null,
  end: 'finished' | 'truncated' = 'finished',
): SearchEvent => {
  return { type: 'candidate/closed', candidateId, end, answer };
};

describe('a candidate as its events build it', () => {
  const state = reduceTraceAll(
    initialTraceState,
    numbered(
      started,
      opened(0),
      wrote(0, 'thought', 'a', 'b'),
      opened(1),
      wrote(0, 'thought', 'c'),
      { type: 'decision/made', kind: 'answerNow', candidateId: 0, why: 'asked' },
      { type: 'cue/appended', candidateId: 0, text: '|', tokenCount: 1 },
      wrote(0, 'answer', 'd'),
      { type: 'decision/made', kind: 'consensusReached', candidateId: null, why: 'enough' },
    ),
  );

  test('its text has cues in their places', () => {
    expect(state.candidates.map(candidateText)).toEqual(['abc|d', '']);
  });

  test('runs of one purpose are one segment, wherever events were cut', () => {
    expect(state.candidates[0]?.segments).toEqual([
      { type: 'generated', purpose: 'thought', from: 0, to: 3 },
      { type: 'cue', text: '|', at: 3 },
      { type: 'generated', purpose: 'answer', from: 3, to: 4 },
    ]);
  });

  test('decisions keep the token at which they fell', () => {
    expect(state.decisions.map(({ kind, atToken, timeMs }) => [kind, atToken, timeMs])).toEqual([
      ['answerNow', 3, 5],
      ['consensusReached', null, 8],
    ]);
  });
});

test('values of a candidate go on where its last ones ended, and its answer has the last word', () => {
  const read = (
    candidateId: number,
    from: number,
    values: readonly number[],
    answer: number | null = null,
  ) => ({
    type: 'value/read' as const,
    candidateId,
    lineEnds: { atTokens: values.map((_, index) => from + index), values },
    answer,
  });
  const events = [read(0, 1, [0.25]), read(1, 4, [0.5]), read(0, 2, [0.375, 0.125]), read(0, 9, [], 0.75)];
  const valuesAfter = (count: number) =>
    reduceTraceAll(initialTraceState, numbered(started, opened(0), opened(1), ...events.slice(0, count)))
      .values;
  expect(valuesAfter(3).map(latestValue)).toEqual([0.125, 0.5]);
  expect(valuesAfter(4)).toEqual([
    { candidateId: 0, lineEnds: { atTokens: [1, 2, 3], values: [0.25, 0.375, 0.125] }, answer: 0.75 },
    { candidateId: 1, lineEnds: { atTokens: [4], values: [0.5] }, answer: null },
  ]);
  expect(valuesAfter(4).map(latestValue)).toEqual([0.75, 0.5]);
});

describe('how candidates end', () => {
  const ended = (...last: readonly (SearchEvent | RunnerEvent)[]) =>
    reduceTraceAll(
      initialTraceState,
      numbered(
        started,
        opened(0),
        opened(1),
        opened(2),
        opened(3),
        closed(0, '12'),
        closed(1, '9'),
        closed(2, '12'),
        ...last,
      ),
    ).candidates.map((candidate) => candidate.status);

  test('those that agree with the selected answer won, and those cut off keep saying so', () => {
    const selected: SearchEvent = { type: 'answer/selected', candidateId: 0, answer: '12', text: '12' };
    expect(ended(closed(3, '12', 'truncated'), selected)).toEqual(['won', 'lost', 'won', 'truncated']);
  });

  test('one whose text is shown won even where it was cut off', () => {
    const selected: SearchEvent = { type: 'answer/selected', candidateId: 3, answer: null, text: '' };
    expect(ended(closed(3, null, 'truncated'), selected)).toEqual(['lost', 'lost', 'lost', 'won']);
  });

  test('none runs on when the request has ended', () => {
    const error = { code: 'engine.failed', message: 'm', remedy: 'r' } as const;
    expect(ended({ type: 'request/failed', error, ledger: emptyLedger }).at(-1)).toBe('stopped');
    expect(ended({ type: 'request/finished', reason: 'cancelled', ledger: emptyLedger, timing }).at(-1)).toBe(
      'stopped',
    );
  });
});

test('a decided difficulty puts its budget and temperature in force for what is running', () => {
  const decided = { ...budget, thoughtTokensPerCandidate: 4 };
  const state = reduceTraceAll(
    initialTraceState,
    numbered(started, opened(0), {
      type: 'difficulty/decided',
      difficulty: 'easy',
      source: 'entropyRule',
      probabilities: null,
      meanEntropyNats: 0.1,
      features: {},
      why: 'low',
      strategy: 'chainOfThought',
      temperature: 0.5,
      budget: decided,
      fixedByUser: [],
    }),
  );
  expect(state.budget).toEqual(decided);
  expect(state.candidates[0]?.sampler).toEqual({ ...sampler, temperature: 0.5 });
});

describe('reducing is pure', () => {
  test('an earlier state keeps its tokens while later ones grow, on either of two futures', () => {
    const before = reduceTraceAll(initialTraceState, numbered(started, opened(0), wrote(0, 'thought', 'a')));
    const next = (text: string): TraceEvent => ({ ...wrote(0, 'thought', text), seq: 3, timeMs: 3 });
    const left = reduceTrace(before, next('left'));
    const right = reduceTrace(before, next('right'));
    expect(left.candidates.map(candidateText)).toEqual(['aleft']);
    expect(right.candidates.map(candidateText)).toEqual(['aright']);
    expect(before.candidates.map(candidateText)).toEqual(['a']);
  });

  test('an event seen before changes nothing', () => {
    const events = numbered(started, opened(0), wrote(0, 'thought', 'a'));
    const state = reduceTraceAll(initialTraceState, events);
    expect(reduceTraceAll(state, events)).toBe(state);
  });

  test('joining runs leaves both as they were', () => {
    const first = columns('a');
    const joined = appendTokenColumns(first, columns('b', 'c'));
    expect(joined.texts).toEqual(['a', 'b', 'c']);
    expect(first).toEqual(columns('a'));
    expect(appendTokenColumns(emptyTokenColumns, first)).toEqual(first);
    expect(emptyTokenColumns.ids).toEqual([]);
    // What was read once is not changed by what is appended later.
    const read = joined.texts;
    appendTokenColumns(joined, columns('d'));
    expect(read).toEqual(['a', 'b', 'c']);
  });
});

test('100,000 tokens in 10,000 events take time in proportion: ten times the events, not a hundred times the time', () => {
  const trace = (eventCount: number): readonly TraceEvent[] =>
    numbered(
      started,
      opened(0),
      ...Array.from({ length: eventCount }, () => wrote(0, 'thought', ...Array.from('abcdefghij'))),
    );
  const durationMs = (events: readonly TraceEvent[]): number => {
    const from = process.cpuUsage();
    const state = reduceTraceAll(initialTraceState, events);
    expect(state.candidates[0]?.tokens.ids).toHaveLength((events.length - 2) * 10);
    const { user, system } = process.cpuUsage(from);
    return (user + system) / 1e3;
  };
  const [small, large] = [trace(1000), trace(10_000)];
  durationMs(small);
  // Other programs cost both their share of the caches, so that a second alone would not do.
  expect(durationMs(large)).toBeLessThan(Math.max(1000, 40 * durationMs(small)));
});
