import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CodedError } from '../../../../../protocol/codedError.ts';
import type { AskResult } from '../../../../../protocol/messages.ts';
import { parseTrace } from '../../../../../protocol/parseTrace.ts';
import { strategyIds } from '../../../../../protocol/strategyTable.ts';
import type { TraceEvent } from '../../../../../protocol/traceEvent.ts';
import { initialTraceState, reduceTraceAll } from '../../../../../protocol/traceState.ts';
import { type Script, scriptBySequence } from '../../../../../sidecar/engine/scripted/script.ts';
import { StepGate } from '../../../../../sidecar/engine/scripted/stepGate.ts';
import {
  entropyRule,
  uncalibratedThresholds,
} from '../../../../../sidecar/reasoning/difficulty/entropyRule.ts';
import {
  type AskRequest,
  type RunnerDependencies,
  runRequest,
} from '../../../../../sidecar/reasoning/run/requestRunner.ts';
import { eventsOf, type ReportingWork } from '../../../../../sidecar/request/eventChannel.ts';
import { Steering } from '../../../../../sidecar/request/steering.ts';
import { readTraceFile, type TraceSink } from '../../../../../sidecar/trace/traceFile.ts';
import { type TracedRequest, TraceStore } from '../../../../../sidecar/trace/traceStore.ts';
import { runScripted, scriptedModel } from '../../../../support/engine/scriptedRequest.ts';
import { ManualClock } from '../../../../support/machine/manualClock.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'entropane-runner-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function store(at = folder): TraceStore {
  return new TraceStore(at, { files: 10, completionFiles: 10, bytes: 1e6 }, new ManualClock());
}

const reasoning = scriptBySequence([
  ['It is 12.\nFinal answer:', ' 12\n'],
  ['It is 12.\nFinal answer:', ' 12\n'],
]);
const long: Script = () => ' word'.repeat(100);

describe('what a request returns', () => {
  test('answer, text, ledger and timing of the candidate that won', async () => {
    const { result } = await runScripted(reasoning, {
      request: { strategy: 'chainOfThought', requestId: 'r-9' },
    });
    expect(result).toEqual({
      requestId: 'r-9',
      model: 'scripted',
      answer: '12',
      text: 'It is 12.\nFinal answer: 12\n',
      reason: 'answered',
      writtenBy: null,
      ledger: expect.objectContaining({ durationMs: 90 }) as unknown,
      timing: { timeToFirstTokenMs: 10, decodeTokensPerSecond: expect.closeTo(100, 6) as unknown },
      tracePath: null,
    });
  });

  test('the file holds the very events that were yielded', async () => {
    const { events, result } = await runScripted(reasoning, {
      request: { strategy: 'selfConsistency', candidateCount: 2 },
      dependencies: { traces: store() },
    });
    const file = result?.tracePath ?? '';
    expect(path.dirname(file)).toBe(folder);
    expect(parseTrace(readFileSync(file, 'utf8'), file)).toEqual(events);
  });

  test('the header says what is needed to run it again', async () => {
    const { state } = await runScripted(reasoning, {
      request: { strategy: 'selfConsistency', candidateCount: 2, seed: 11, temperature: 0.9 },
    });
    expect(state.started).toMatchObject({
      version: 1,
      startedAt: '2026-01-01T00:00:00.000Z',
      kind: 'ask',
      seed: 11,
      sampler: { temperature: 0.9 },
      promptHash: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
    });
  });
});

test.each([
  ['direct', 1],
  ['chainOfThought', 1],
  ['selfConsistency', 4],
  // No class of the default row leads to more.
  ['auto', 1],
] as const)('%s announces %i side by side at most, and opens no more', async (strategy, count) => {
  const { state } = await runScripted(reasoning, { request: { strategy, candidateCount: 4 } });
  expect(state.started?.candidateCount).toBe(count);
  expect(state.candidates.length).toBeLessThanOrEqual(count);
});

describe('whatever goes wrong, the log ends', () => {
  test('cancelled while decoding: a stop reason, after what was decoded', async () => {
    const cancellation = new AbortController();
    const { state, result, thrown } = await runScripted(long, {
      signal: cancellation.signal,
      dependencies: { traces: store() },
      onEvent: (event) => {
        if (event.type === 'tokens/appended') cancellation.abort();
      },
    });
    expect(thrown).toBeNull();
    expect(result).toMatchObject({ reason: 'cancelled', answer: null });
    expect(state.candidates[0]).toMatchObject({ status: 'stopped' });
    expect(state.candidates[0]?.tokenCount).toBeLessThan(100);
  });

  test('cancelled before the first token', async () => {
    const { state, result } = await runScripted(long, { signal: AbortSignal.abort() });
    expect(result?.reason).toBe('cancelled');
    expect(state.candidates).toEqual([]);
    expect(result?.timing).toEqual({ timeToFirstTokenMs: null, decodeTokensPerSecond: null });
  });

  test('stopped by the user before the first token', async () => {
    const steering = new Steering();
    steering.steer('stop');
    const { state, result } = await runScripted(long, { dependencies: { steering } });
    expect(result?.reason).toBe('stoppedByUser');
    expect(state.decisions.map((decision) => decision.kind)).toEqual(['stoppedByUser']);
  });

  test('an engine that fails in the middle: its coded error is thrown and closes the log', async () => {
    const failing: Script = ({ call }) => {
      if (call > 0) throw new CodedError('engine.failed', 'The engine is gone.', 'Restart the engine.');
      return 'It is 12.';
    };
    const { events, thrown } = await runScripted(failing, {
      request: { strategy: 'chainOfThought' },
      dependencies: { traces: store() },
    });
    expect(thrown).toMatchObject({ code: 'engine.failed' });
    expect(events.at(-1)).toMatchObject({ type: 'request/failed', error: { code: 'engine.failed' } });
    const file = path.join(folder, 'request-1.jsonl');
    expect(parseTrace(readFileSync(file, 'utf8'), file)).toEqual(events);
  });

  test('a prompt longer than the context', async () => {
    const { events, thrown } = await runScripted(long, {
      request: { question: 'very '.repeat(200) },
      engine: { contextTokens: 100 },
    });
    expect(thrown).toMatchObject({ code: 'context.exceeded' });
    expect(events.map((event) => event.type)).toEqual(['request/started', 'request/failed']);
  });

  test.each(strategyIds)('a model without a chat template starts nothing: %s', async (strategy) => {
    const { events, thrown } = await runScripted(long, {
      request: { strategy, candidateCount: 3 },
      engine: { info: { hasChatTemplate: false } },
    });
    expect(thrown).toMatchObject({ code: 'model.unsupported' });
    expect(events).toEqual([]);
  });

  test('a reader that leaves early: the file still says how it ended, and the slot is free again', async () => {
    const model = await scriptedModel(long, { maxSequences: 1 });
    const traces = store();
    const read = async (requestId: string): Promise<void> => {
      const request: AskRequest = {
        requestId,
        question: 'Why?',
        attachment: null,
        strategy: 'direct',
        candidateCount: 1,
        seed: 1,
        difficulty: null,
        sequenceOptions: { priority: 'background' },
        choices: {
          maxThoughtTokens: 64,
          selector: 'majority',
          earlyStopping: {
            consensus: 'certain',
            trialConfidence: 0,
            steadyAnswers: false,
            confidencePruning: 'off',
          },
          stepSearch: { stepChildren: 2, maxSteps: 10 },
        },
      };
      const dependencies: RunnerDependencies = {
        model,
        estimator: entropyRule(uncalibratedThresholds),
        fast: null,
        steering: new Steering(),
        verifier: null,
        codeParser: null,
        clock: new ManualClock(),
        traces,
        onTraceFailure: (error) => {
          throw error;
        },
      };
      const log: ReportingWork<TraceEvent, AskResult> = (scope) => runRequest(request, dependencies, scope);
      for await (const event of eventsOf(log, new AbortController().signal))
        if (event.type === 'tokens/appended') break;
    };
    await read('left-1');
    await read('left-2');
    const events = await traces.read('left-2');
    expect(events.at(-1)).toMatchObject({ type: 'request/finished', reason: 'cancelled' });
  });

  test('a reader that fails: its error is passed on, the file says how it ended, and the slot is free again', async () => {
    const model = await scriptedModel(long, { maxSequences: 1 });
    const traces = store();
    for (const requestId of ['failed-1', 'failed-2']) {
      const { thrown, events } = await runScripted(long, {
        request: { requestId, strategy: 'chainOfThought' },
        dependencies: { model, traces },
        onEvent: (event) => {
          if (event.type === 'tokens/appended') throw new Error('broken reader');
        },
      });
      expect(thrown).toEqual(new Error('broken reader'));
      expect(events.at(-1)?.type).toBe('tokens/appended');
    }
    const events = await traces.read('failed-2');
    expect(events.at(-1)).toMatchObject({ type: 'request/finished', reason: 'cancelled' });
  });

  test('a trace that cannot be written costs the file, not the answer', async () => {
    const failures: string[] = [];
    const { result } = await runScripted(reasoning, {
      request: { strategy: 'chainOfThought' },
      dependencies: {
        traces: store(path.join(import.meta.filename, 'not-a-folder')),
        onTraceFailure: (error) => failures.push(error.code),
      },
    });
    expect(failures).toEqual(['store.unwritable']);
    expect(result).toMatchObject({ answer: '12', tracePath: null });
  });
});

test('a file that fails in the middle is told once and given up', async () => {
  class FailingStore extends TraceStore {
    override create(request: TracedRequest, end: () => void): TraceSink {
      const writer = super.create(request, end);
      writer.close();
      return writer;
    }
  }
  const failures: string[] = [];
  const { result, events } = await runScripted(reasoning, {
    request: { strategy: 'chainOfThought' },
    dependencies: {
      traces: new FailingStore(folder, { files: 10, completionFiles: 10, bytes: 1e6 }, new ManualClock()),
      onTraceFailure: (error) => failures.push(error.code),
    },
  });
  expect(failures).toHaveLength(1);
  expect(events.at(-1)?.type).toBe('request/finished');
  expect(result).toMatchObject({ answer: '12', tracePath: null });
});

test('a process that cannot wait closes the trace, and what the request still does is not in it', async () => {
  const traces = new TraceStore(folder, { files: 10, completionFiles: 10, bytes: 1e6 }, new ManualClock());
  const gate = new StepGate();
  const run = runScripted(scriptBySequence([['one two three']]), {
    engine: { gate },
    dependencies: { traces },
  });
  gate.release(2);
  await gate.whenParked(1);
  traces.endAll();
  const file = path.join(folder, 'request-1.jsonl');
  const closed = await readTraceFile(file);
  expect(closed.at(-1)).toMatchObject({ type: 'request/finished', reason: 'cancelled' });
  expect(reduceTraceAll(initialTraceState, closed).candidates[0]?.tokenCount).toBe(2);
  gate.open();
  expect((await run).result?.text).toBe('one two three');
  expect(await readTraceFile(file)).toEqual(closed);
});

describe('streaming', () => {
  test('nothing is held back while the engine waits: each slow token is there before the next', async () => {
    const gate = new StepGate();
    const clock = new ManualClock();
    const seen: TraceEvent[] = [];
    const run = runScripted(scriptBySequence([['one two three']]), {
      engine: {
        gate,
        onDecode: () => {
          clock.advance(100);
        },
      },
      dependencies: { clock },
      onEvent: (event) => seen.push(event),
    });
    const texts = (): readonly string[] =>
      seen.flatMap((e) => (e.type === 'tokens/appended' ? e.tokens.texts : []));
    await gate.whenParked(1);
    expect(texts()).toEqual([]);
    gate.release();
    await gate.whenParked(1);
    expect(texts()).toEqual(['one']);
    gate.open();
    await run;
    expect(texts()).toEqual(['one', ' two', ' three']);
  });

  test('quick tokens of one candidate travel together, at most 64 in an event', async () => {
    const { events } = await runScripted(scriptBySequence([['w '.repeat(200)]]), {
      request: { maxThoughtTokens: 400 },
      engine: { onDecode: () => undefined },
    });
    const sizes = events.flatMap((e) => (e.type === 'tokens/appended' ? [e.tokens.ids.length] : []));
    expect(Math.max(...sizes)).toBe(64);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(201);
  });

  test('the ledger is reported at most every 100 ms', async () => {
    const { events } = await runScripted(long);
    const times = events.flatMap((event) => (event.type === 'ledger/updated' ? [event.timeMs] : []));
    expect(times.length).toBeGreaterThan(5);
    for (const [index, time] of times.entries())
      expect(time - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(100);
  });

  test('candidates take turns: none is finished before another has begun', async () => {
    const words = scriptBySequence(Array.from({ length: 4 }, () => ['a b c d e f.\nFinal answer:', ' 1\n']));
    const { events } = await runScripted(words, {
      request: { strategy: 'selfConsistency', candidateCount: 4 },
    });
    const firstEnd = events.findIndex((event) => event.type === 'candidate/closed');
    const firstCandidate = new Set(
      events.slice(0, firstEnd).flatMap((e) => (e.type === 'tokens/appended' ? [e.candidateId] : [])),
    );
    expect([...firstCandidate].sort()).toEqual([0, 1, 2, 3]);
  });
});

describe('time', () => {
  test('a budget of milliseconds ends the request with what there is', async () => {
    const { state, result } = await runScripted(long, { request: { budget: { durationMs: 200 } } });
    expect(result?.reason).toBe('budgetExhausted');
    expect(result?.text).toContain('word');
    expect(state.candidates[0]).toMatchObject({ end: 'truncated' });
    expect(state.ledger.durationMs).toBe(200);
  });

  test('steering is refused after the end', async () => {
    const steering = new Steering();
    const { state } = await runScripted(reasoning, { dependencies: { steering } });
    expect(state.status.type).toBe('finished');
    expect(steering.steer('stop')).toBe(false);
  });

  test('a direct answer has no thought to cut short or to extend', async () => {
    const steering = new Steering();
    const accepted: boolean[] = [];
    const { events } = await runScripted(long, {
      dependencies: { steering },
      onEvent: (event) => {
        if (event.type !== 'tokens/appended' || accepted.length > 0) return;
        accepted.push(steering.steer('answerNow'), steering.steer('thinkMore'), steering.steer('stop'));
      },
    });
    expect(accepted).toEqual([false, false, true]);
    expect(reduceTraceAll(initialTraceState, events).status).toMatchObject({ reason: 'stoppedByUser' });
  });
});
