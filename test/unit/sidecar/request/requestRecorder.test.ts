import { readdirSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { CodedError } from '../../../../protocol/codedError.ts';
import type { SearchEvent, StopReason, TraceEvent } from '../../../../protocol/traceEvent.ts';
import { BudgetMeter } from '../../../../sidecar/request/budgetMeter.ts';
import type { EventSink } from '../../../../sidecar/request/eventChannel.ts';
import { recordRequest, type RequestHeader } from '../../../../sidecar/request/requestRecorder.ts';
import { TraceStore } from '../../../../sidecar/trace/traceStore.ts';
import { ManualClock } from '../../../support/machine/manualClock.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';
import { CollectedEvents } from '../../../support/trace/collectedEvents.ts';

let folder = '';
beforeEach(async () => {
  const temporary = await temporaryFolder();
  onTestFinished(() => temporary[Symbol.asyncDispose]());
  folder = temporary.path;
});

const budget = {
  thoughtTokensPerCandidate: 0,
  answerTokensPerCandidate: 8,
  generatedTokens: null,
  durationMs: null,
};
const header: RequestHeader = {
  requestId: 'r-1',
  kind: 'completion',
  title: 'a.py:1:1',
  model: { name: 'scripted', hash: '0'.repeat(64), hashKind: 'sha256' },
  seed: 0,
  sampler: { temperature: 0, topK: 0, topP: 1, minP: 0 },
  strategy: 'direct',
  candidateCount: 1,
  budget,
  promptHash: '0'.repeat(64),
  promptTokenCount: 3,
};

type Search = (events: EventSink) => Promise<StopReason>;

const prefilled: SearchEvent = {
  type: 'prefill/finished',
  tokenCount: 3,
  cachedTokenCount: 0,
  durationMs: 1,
};

/** Runs one and returns its trace store and what `onEvent` made of it. */
async function recorded(
  search: Search,
  options: {
    readonly kind?: RequestHeader['kind'];
    readonly onEvent?: (event: TraceEvent, store: TraceStore) => void;
  } = {},
): Promise<TraceStore> {
  const clock = new ManualClock();
  const store = new TraceStore(folder, { files: 10, completionFiles: 10, bytes: 1e6 }, clock);
  const events = new CollectedEvents<TraceEvent>((event) => options.onEvent?.(event, store));
  await recordRequest({ ...header, kind: options.kind ?? 'completion' }, search, {
    dependencies: {
      meter: new BudgetMeter(budget, () => 0),
      clock,
      startedMs: clock.now(),
      traces: store,
      onTraceFailure: (error) => {
        throw error;
      },
    },
    scope: { events, signal: new AbortController().signal },
  });
  return store;
}

function endingWith(reason: StopReason): Search {
  return async (events) => {
    await events.push(prefilled);
    return reason;
  };
}

test.each([
  ['completion', 'cancelled', false],
  ['completion', 'answered', true],
  ['completion', 'budgetExhausted', true],
  ['ask', 'cancelled', true],
] as const)('a %s that ends as %s leaves a trace: %s', async (kind, reason, isLeft) => {
  let wasThere = false;
  const store = await recorded(endingWith(reason), {
    kind,
    onEvent: (event) => {
      if (event.type === 'prefill/finished') wasThere = files().length === 1;
    },
  });
  await store.whenIdle();
  // A process that is killed in the middle leaves what there is of a question, and nothing of a completion.
  expect(wasThere).toBe(kind === 'ask');
  expect(files()).toHaveLength(isLeft ? 1 : 0);
});

test('a completion that fails leaves a trace that says so', async () => {
  const failing: Search = async (events) => {
    await events.push(prefilled);
    throw new CodedError('engine.failed', 'The engine ended.', 'Start it again.');
  };
  await expect(recorded(failing)).rejects.toMatchObject({ code: 'engine.failed' });
  const store = new TraceStore(folder, { files: 10, completionFiles: 10, bytes: 1e6 }, new ManualClock());
  expect((await store.read('r-1')).at(-1)).toMatchObject({
    type: 'request/failed',
    error: { code: 'engine.failed' },
  });
});

test('a completion in flight when the process is told to end leaves none', async () => {
  await recorded(endingWith('answered'), {
    onEvent: (event, store) => {
      if (event.type === 'prefill/finished') store.endAll();
    },
  });
  expect(files()).toEqual([]);
});

function files(): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => path.extname(name) === '.jsonl',
  );
}
