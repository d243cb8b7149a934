import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { candidateText, initialTraceState, reduceTraceAll } from '../../protocol/traceState.ts';
import { systemClock } from '../../sidecar/process/clock.ts';
import { TraceStore } from '../../sidecar/trace/traceStore.ts';
import { installedModelPath } from '../support/engine/realEngine.ts';
import { temporaryFolder } from '../support/machine/temporaryFolder.ts';
import { failureOf } from '../support/sidecar/contractPeer.ts';
import { type RunningQuestion, SidecarProcess } from '../support/sidecar/sidecarProcess.ts';

const smol = { model: 'smollm2-135m', contextTokens: 2048 } as const;

/** Texts of four candidates, so hot that a small model turns the least difference in a logit into another word. */
async function candidateTexts(sidecar: SidecarProcess, seed: number): Promise<readonly string[]> {
  const asked = sidecar.ask({
    question: 'Name a colour.',
    strategy: 'selfConsistency',
    candidates: 4,
    seed,
    temperature: 0.9,
    budget: { thoughtTokensPerCandidate: 16, answerTokensPerCandidate: 8 },
  });
  await asked.result;
  const { candidates } = reduceTraceAll(initialTraceState, asked.events);
  expect(candidates).toHaveLength(4);
  expect(candidates.every((candidate) => candidate.end !== null)).toBe(true);
  return candidates.map(candidateText);
}

function requestIdOf({ events: [first] }: RunningQuestion): string {
  if (first?.type !== 'request/started') throw new Error('The first event names the request.');
  return first.requestId;
}

describe('a sidecar on a small model', () => {
  let sidecar: SidecarProcess;
  beforeAll(async () => {
    sidecar = await SidecarProcess.ready({ settings: smol });
  });
  afterAll(() => sidecar[Symbol.asyncDispose]());

  test('streams a question as events that reduce to its result', async () => {
    const asked = sidecar.ask({
      question: 'What is 2 + 3?',
      strategy: 'chainOfThought',
      candidates: 1,
      budget: { thoughtTokensPerCandidate: 32 },
    });
    const result = await asked.result;
    const state = reduceTraceAll(initialTraceState, asked.events);
    expect(state.started?.model).toEqual({
      name: smol.model,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
      hashKind: 'sha256',
    });
    expect(state.status).toMatchObject({ type: 'finished', reason: result.reason });
    expect(state.ledger).toEqual(result.ledger);
    expect(state.selected?.text).toBe(result.text);
    expect(state.candidates[0]?.tokenCount).toBe(result.ledger.tokens.thought + result.ledger.tokens.answer);
    expect(await sidecar.request('entropane/traces/read', { requestId: result.requestId })).toEqual(
      asked.events,
    );
  });

  test('gives the same four candidates for the same seed, however often it is asked', async () => {
    const first = await candidateTexts(sidecar, 3);
    for (let again = 0; again < 3; again += 1) expect(await candidateTexts(sidecar, 3)).toEqual(first);
  });

  test('stops a question when the user says so, and cancels one when the client does', async () => {
    const endless = { question: 'Count from one to ten thousand.', strategy: 'direct' } as const;
    const stopped = sidecar.ask(endless);
    await stopped.whenEvent('tokens/appended');
    const requestId = requestIdOf(stopped);
    expect(await sidecar.request('entropane/steer', { requestId, action: 'stop' })).toEqual({
      accepted: true,
    });
    expect(await stopped.result).toMatchObject({ reason: 'stoppedByUser' });

    const cancelled = sidecar.ask(endless);
    await cancelled.whenEvent('tokens/appended');
    cancelled.cancellation.cancel();
    expect(await cancelled.result).toMatchObject({ reason: 'cancelled' });
  });

  test('refuses a question that is longer than the context, and answers the next one', async () => {
    const long = sidecar.ask({ question: 'word '.repeat(3000) });
    expect(await failureOf(long.result)).toMatchObject({ code: 'context.exceeded' });
    const short = sidecar.ask({
      question: 'Hi.',
      strategy: 'direct',
      budget: { answerTokensPerCandidate: 4 },
    });
    expect((await short.result).ledger.tokens.answer).toBeGreaterThan(0);
  });

  test('goes on with a conversation, and reads what was said from the cache', async () => {
    const brief = { strategy: 'direct', budget: { answerTokensPerCandidate: 12 } } as const;
    const attachment = { languageId: 'python', path: 'add.py', text: 'def add(a, b):\n    return a + b\n' };
    const first = sidecar.ask({ question: 'What does this do?', attachments: [attachment], ...brief });
    const { requestId, text } = await first.result;
    expect(text.trim()).not.toBe('');
    const before = reduceTraceAll(initialTraceState, first.events).prefill?.tokenCount ?? Infinity;
    const second = sidecar.ask({ question: 'Why?', follows: requestId, ...brief });
    const third = sidecar.ask({ question: 'And then?', follows: (await second.result).requestId, ...brief });
    await third.result;
    const [after, last] = [second, third].map(({ events }) => reduceTraceAll(initialTraceState, events));
    expect(after?.started?.context).toEqual({ attachments: [], conversation: [requestId] });
    // All of the first prompt but what its template ends with.
    expect(after?.prefill?.cachedTokenCount).toBeGreaterThanOrEqual(before);
    expect(after?.prefill?.tokenCount).toBeGreaterThan(before);
    expect(last?.started?.context?.conversation).toEqual([requestId, requestIdOf(second)]);
    expect(last?.prefill?.cachedTokenCount).toBeGreaterThanOrEqual(after?.prefill?.tokenCount ?? Infinity);
    const nothing = sidecar.ask({ question: 'Why?', follows: 'never-asked' });
    expect(await failureOf(nothing.result)).toMatchObject({ code: 'request.unknown' });
  });

  test('says that the model cannot fill in the middle', async () => {
    const uri = 'file:///gap.py';
    await sidecar.open(uri, 'x = ');
    const { report } = await sidecar.request('entropane/complete', {
      textDocument: { uri },
      position: { line: 0, character: 4 },
      trigger: 'invoked',
    });
    expect(report.suppressed).toBe('modelLacksInfill');
  });

  test('survives garbage on standard input', async () => {
    sidecar.child.stdin.write('GET / HTTP/1.1\r\nHost: nobody\r\n\r\n');
    expect(await sidecar.request('entropane/health/get', null)).toMatchObject({ state: 'ready' });
    await sidecar.until(() => sidecar.stderr.includes('malformed input'), 'a line in the log');
  });
});

test('the same question and seed give the same candidates after a restart, another seed others', async () => {
  const textsOf = async (seed: number): Promise<readonly string[]> => {
    await using sidecar = await SidecarProcess.ready({ settings: smol });
    return await candidateTexts(sidecar, seed);
  };
  const first = await textsOf(3);
  expect(await textsOf(3)).toEqual(first);
  expect(await textsOf(4)).not.toEqual(first);
});

describe('two sidecars at once', () => {
  test('share a store: both answer, and each sees the other’s trace', async () => {
    const budget = { answerTokensPerCandidate: 4 };
    await using one = await SidecarProcess.ready({ settings: smol });
    await using other = await SidecarProcess.ready({ settings: smol });
    const [first, second] = await Promise.all(
      [one, other].map((sidecar) => sidecar.ask({ question: 'Hi.', strategy: 'direct', budget }).result),
    );
    const seen = (await one.request('entropane/traces/list', null)).map((trace) => trace.requestId);
    expect(seen).toEqual(expect.arrayContaining([first?.requestId, second?.requestId]));
  });
});

describe('a sidecar without a usable model', () => {
  test('starts, says what is missing, and answers with the way to get it', async () => {
    await using store = await temporaryFolder();
    await using sidecar = new SidecarProcess({ environment: { ENTROPANE_HOME: store.path } });
    await sidecar.initialize();
    await sidecar.whenHealth('noModel');
    expect(await failureOf(sidecar.ask({ question: 'Hi.' }).result)).toMatchObject({ code: 'model.missing' });
  });

  test.each([
    ['text', Buffer.from('This is no model.')],
    ['a model that was cut off', null],
  ])('refuses %s, and loads a good one afterwards', async (_what, content) => {
    await using folder = await temporaryFolder();
    const broken = path.join(folder.path, 'broken.gguf');
    await using sidecar = await SidecarProcess.ready({ settings: smol });
    const good = await installedModelPath(smol.model);
    await writeFile(broken, content ?? (await readFile(good)).subarray(0, 5_000_000));
    const refused = sidecar.request('entropane/models/choose', { model: broken });
    expect(await failureOf(refused)).toMatchObject({ code: 'model.unreadable' });
    expect(await sidecar.request('entropane/health/get', null)).toMatchObject({ state: 'failed' });
    expect(await sidecar.request('entropane/models/choose', { model: good })).toMatchObject({
      state: 'ready',
    });
  });
});

describe('the end of the process', () => {
  test('comes in order when the client asks for it', async () => {
    await using sidecar = await SidecarProcess.ready({ settings: smol });
    await sidecar.connection.sendRequest('shutdown');
    await sidecar.connection.sendNotification('exit');
    expect(await sidecar.whenExited(30_000)).toEqual({ code: 0, signal: null });
  });

  test.each([
    ['standard input closes', (child: ChildProcess) => child.stdin?.end(), 0],
    ['it is told to end', (child: ChildProcess) => child.kill('SIGTERM'), 0],
    ['it is killed', (child: ChildProcess) => child.kill('SIGKILL'), null],
  ] as const)('when %s in the middle of a question, the trace tells so', async (_how, end, code) => {
    await using sidecar = await SidecarProcess.ready({ settings: smol });
    const asked = sidecar.ask({ question: 'Count from one to ten thousand.', strategy: 'direct' });
    asked.result.catch(() => undefined);
    await asked.whenEvent('tokens/appended');
    const requestId = requestIdOf(asked);
    end(sidecar.child);
    expect(await sidecar.whenExited(30_000)).toMatchObject({ code });
    const folder = path.join(process.env.ENTROPANE_HOME ?? '', 'traces');
    const traces = new TraceStore(folder, { files: 100, completionFiles: 100, bytes: 1e9 }, systemClock);
    expect((await traces.read(requestId)).at(-1)).toMatchObject(
      code === 0
        ? { type: 'request/finished', reason: 'cancelled' }
        : { type: 'request/failed', error: { code: 'sidecar.gone' } },
    );
  });

  test('comes when the parent has gone and somebody else holds the pipe', async () => {
    const parent = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await once(parent, 'spawn');
    await using sidecar = new SidecarProcess({ settings: smol });
    await sidecar.initialize(parent.pid ?? null);
    // A load that is under way may take longer than a sidecar has to end without being killed.
    await sidecar.whenHealth('ready');
    parent.stdin.end();
    await once(parent, 'exit');
    expect((await sidecar.whenExited(30_000)).signal).toBeNull();
  });
});
