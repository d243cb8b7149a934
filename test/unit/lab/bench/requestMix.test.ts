import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { countKeys, countTraces, mixTables, readRequestMix } from '../../../../lab/bench/requestMix.ts';
import { parseTrace } from '../../../../protocol/parseTrace.ts';
import { emptyLedger } from '../../../../protocol/budget.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

interface Spent {
  readonly prompt: number;
  readonly cached: number;
  readonly answer: number;
}

/** Lines of a trace with all that the first and the last event need. */
function traceText(kind: 'ask' | 'completion', { prompt, cached, answer }: Spent): string {
  const started = {
    ...{ type: 'request/started', version: 1, startedAt: '2026-11-30T08:00:00.000Z', requestId: 'a', kind },
    ...{ title: 'a', model: { name: 'm', hash: 'h', hashKind: 'sha256' }, seed: 1, strategy: 'direct' },
    sampler: { temperature: 0, topK: 0, topP: 1, minP: 0 },
    candidateCount: 1,
    budget: {
      ...{ thoughtTokensPerCandidate: 0, answerTokensPerCandidate: 1 },
      ...{ generatedTokens: null, durationMs: null },
    },
    ...{ promptHash: 'h', promptTokenCount: prompt },
  };
  const prefill = { type: 'prefill/finished', tokenCount: prompt, cachedTokenCount: cached, durationMs: 1 };
  const ledger = { tokens: { ...emptyLedger.tokens, prompt, answer }, durationMs: 5 };
  const finished = {
    ...{ type: 'request/finished', reason: 'answered', ledger },
    timing: { timeToFirstTokenMs: 1, decodeTokensPerSecond: null },
  };
  const events = [started, prefill, finished];
  return events.map((event, seq) => `${JSON.stringify({ ...event, seq, timeMs: seq })}\n`).join('');
}

describe('the mix of requests', () => {
  const traceOf = (kind: 'ask' | 'completion', spent: Spent) => parseTrace(traceText(kind, spent), 'a.jsonl');

  it('adds up what requests of one kind took', () => {
    const rows = countTraces([
      traceOf('completion', { prompt: 300, cached: 100, answer: 20 }),
      traceOf('ask', { prompt: 50, cached: 0, answer: 80 }),
      traceOf('completion', { prompt: 100, cached: 100, answer: 10 }),
    ]);
    const [completion, ask] = rows;

    expect(completion).toMatchObject({ kind: 'completion', requests: 2, promptTokens: 400 });
    expect(completion).toMatchObject({ cachedTokens: 200, generatedTokens: 30 });
    expect(ask).toMatchObject({ kind: 'ask, direct', requests: 1 });
    expect(mixTables({ requests: rows, typing: [], days: [] })).toContain(
      '| completion | 2 | 200 | 100 | 15 |',
    );
  });

  it('leaves out what did not finish', () => {
    const whole = traceOf('ask', { prompt: 50, cached: 0, answer: 80 });
    expect(countTraces([whole.slice(0, 2), []])).toEqual([]);
  });

  it('is read from a store, both folders of traces and the book of the day', async () => {
    await using folder = await temporaryFolder();
    const traces = path.join(folder.path, 'traces');
    await mkdir(path.join(traces, 'completions'), { recursive: true });
    await writeFile(path.join(traces, 'a.jsonl'), traceText('ask', { prompt: 50, cached: 0, answer: 80 }));
    await writeFile(path.join(traces, 'b.jsonl'), 'no trace\n');
    await writeFile(
      path.join(traces, 'completions', 'c.jsonl'),
      traceText('completion', { prompt: 9, cached: 0, answer: 3 }),
    );
    const tokens = { ...emptyLedger.tokens, prompt: 59, answer: 83 };
    const rows = [{ day: '2026-11-30', model: 'm', requests: 2, durationMs: 10, tokens }];
    await writeFile(path.join(folder.path, 'spending.json'), JSON.stringify({ version: 1, rows }));
    const noted: string[] = [];
    const mix = await readRequestMix(folder.path, (line) => noted.push(line));

    expect(mix.requests.map(({ kind }) => kind)).toEqual(['ask, direct', 'completion']);
    expect(mixTables(mix)).toContain('| 2026-11-30 | 2 | 59 | 83 |');
    expect(noted).toEqual([expect.stringContaining('b.jsonl') as string]);
  });

  it('of a store that has nothing is empty but for the scripts of the typing bench', async () => {
    await using folder = await temporaryFolder();
    const mix = await readRequestMix(path.join(folder.path, 'none'), () => undefined);
    expect(mix).toMatchObject({ requests: [], days: [] });
    expect(mix.typing.map(({ name }) => name)).toEqual(['TypeScript', 'Python']);
  });
});

it('keys of a script are those that are pressed, and each pause is a request', () => {
  expect(countKeys({ name: 'a', script: ['jump x|', 'type ab¦c', 'back 2', 'down 3'] })).toEqual({
    name: 'a',
    keys: 8,
    requests: 3,
  });
});
