import { describe, expect, it, vi } from 'vitest';
import type { SidecarSettings } from '../../protocol/messages.ts';
import type { TraceEvent } from '../../protocol/traceEvent.ts';
import { hostOf } from '../../protocol/serverAddress.ts';
import { StubServer } from '../support/server/stubServer.ts';
import { contractPeer, type ContractPeer, failureOf } from '../support/sidecar/contractPeer.ts';
import { openSource, place } from '../support/sidecar/sumSource.ts';

const key = 'sk-canary-7c40';
const question = { question: 'What is it?', difficulty: 'easy' } as const;

/** A client whose questions go to a server, and whose completions to the scripted model of this machine. */
async function asking(stub: StubServer, { fallsBack = true } = {}): Promise<ContractPeer> {
  const peer = await contractPeer(() => 'The answer is 7.');
  await peer.initialize({
    settings: { model: stub.address, completionModel: peer.modelPath },
    servers: [{ address: stub.address, key }],
    fallsBack,
  });
  await peer.whenHealth('ready');
  return peer;
}

const startStub = (): Promise<StubServer> =>
  StubServer.start({ key, script: (prompt) => (prompt.includes('assistant') ? 'The answer is 42.' : 'x') });

const modelsOf = (events: readonly TraceEvent[]): readonly unknown[] =>
  events.flatMap((event) => (event.type === 'request/started' ? [event.model] : []));

const awayReasons = (events: readonly TraceEvent[]): readonly string[] =>
  events.flatMap((event) =>
    event.type === 'decision/made' && event.kind === 'serverAway' ? [event.why] : [],
  );

describe('a completion whose model is a llama-server’s', () => {
  const infill = {
    prefix: '<|left|>',
    suffix: '<|right|>',
    middle: '<|here|>',
    order: 'prefixFirst',
  } as const;
  const initialized = async (
    stub: StubServer,
    settings: Partial<SidecarSettings> = { model: stub.address, completionModel: stub.address },
  ): Promise<ContractPeer> => {
    const peer = await contractPeer(() => 'return 7');
    await peer.initialize({ settings, servers: [{ address: stub.address, key }] });
    await peer.whenHealth('ready');
    await openSource(peer);
    return peer;
  };

  it('is written by it, between the two sides of the cursor', async () => {
    // The blank before the cursor is asked for again.
    const script = (prompt: string) => (prompt.endsWith('<|here|>') ? ' sum(x)' : 'x');
    await using stub = await StubServer.start({ key, infill, script });
    await using peer = await initialized(stub);
    const { items, report } = await peer.request('entropane/complete', { ...place, trigger: 'invoked' });

    expect(report).toMatchObject({ suppressed: null, generatedTokenCount: 1 });
    expect(items.map(({ text }) => text)).toEqual(['sum(x)']);
  });

  it('is written by it beside a model of this machine for questions', async () => {
    const script = (prompt: string) => (prompt.endsWith('<|here|>') ? ' sum(x)' : 'x');
    await using stub = await StubServer.start({ key, infill, script });
    await using peer = await initialized(stub, { completionModel: stub.address });
    const { items } = await peer.request('entropane/complete', { ...place, trigger: 'invoked' });

    expect(items.map(({ text }) => text)).toEqual(['sum(x)']);
  });

  it.each(['', 'gone.gguf'])('is not asked of it where completionModel is “%s”', async (completionModel) => {
    await using stub = await StubServer.start({ key, infill, script: () => 'x' });
    await using peer = await initialized(stub, { model: stub.address, completionModel });
    await vi.waitFor(() => {
      expect(peer.healths.at(-1)).toMatchObject({ state: 'ready', completions: { state: 'noModel' } });
    });
    const before = stub.requests.length;
    const automatic = await peer.request('entropane/complete', { ...place, trigger: 'automatic' });
    const invoked = peer.request('entropane/complete', { ...place, trigger: 'invoked' });

    expect([automatic.items, automatic.report.suppressed]).toEqual([[], 'engineNotReady']);
    expect(await failureOf(invoked)).toMatchObject({ code: 'model.missing' });
    expect(stub.requests).toHaveLength(before);
  });

  it('is left out where its model has no markers', async () => {
    await using stub = await StubServer.start({ key, script: () => 'x' });
    await using peer = await initialized(stub);
    const { items, report } = await peer.request('entropane/complete', { ...place, trigger: 'invoked' });

    expect([items, report.suppressed]).toEqual([[], 'modelLacksInfill']);
  });
});

describe('a question whose model is a server’s', () => {
  it('is answered by it, and the trace says where it ran', async () => {
    await using stub = await startStub();
    await using peer = await asking(stub);
    const asked = peer.ask(question);

    expect(await asked.result).toMatchObject({ text: 'The answer is 42.' });
    expect(modelsOf(asked.events)).toMatchObject([{ hashKind: 'served', server: hostOf(stub.address) }]);
    expect(awayReasons(asked.events)).toEqual([]);
    expect(peer.healths.at(-1)?.standIn).toBeUndefined();
  });

  it('is answered on this machine while the server is away, which trace and health say', async () => {
    await using stub = await startStub();
    await using peer = await asking(stub);
    const host = hostOf(stub.address);
    await stub[Symbol.asyncDispose]();
    const asked = peer.ask(question);

    expect(await asked.result).toMatchObject({ text: 'The answer is 7.', model: 'scripted' });
    expect(modelsOf(asked.events)).toHaveLength(1);
    expect(modelsOf(asked.events)).not.toContainEqual(
      expect.objectContaining({ server: expect.anything() as unknown }),
    );
    expect(awayReasons(asked.events)).toEqual([
      expect.stringMatching(/cannot be reached.*scripted on this machine answers in its place\.$/u),
    ]);
    expect(peer.healths.at(-1)).toMatchObject({
      standIn: { modelName: 'scripted.gguf', host },
    });
  });

  it('is asked anew on this machine where the server goes away while it writes', async () => {
    await using stub = await startStub();
    await using peer = await asking(stub);
    stub.fail('/completion', { type: 'close', after: 1 });
    const asked = peer.ask(question);
    const result = await asked.result;

    expect(result).toMatchObject({ text: 'The answer is 7.' });
    expect(modelsOf(asked.events)).toMatchObject([{ server: hostOf(stub.address) }, { name: 'scripted' }]);
    const ends = asked.events.flatMap(({ type }) =>
      type === 'request/failed' || type === 'request/finished' ? [type] : [],
    );
    expect(ends).toEqual(['request/failed', 'request/finished']);
    // Each is a trace of its own, and the answer is of the second.
    const traces = await peer.request('entropane/traces/list', null);
    expect(traces).toHaveLength(2);
    expect(await peer.request('entropane/traces/read', { requestId: result.requestId })).toEqual(
      asked.events.slice(asked.events.findLastIndex(({ type }) => type === 'request/started')),
    );
  });

  it('fails where the client wants no other model to answer', async () => {
    await using stub = await startStub();
    await using peer = await asking(stub, { fallsBack: false });
    await stub[Symbol.asyncDispose]();

    expect(await failureOf(peer.ask(question).result)).toMatchObject({ code: 'server.unreachable' });
    expect(peer.healths.at(-1)?.standIn).toBeUndefined();
  });

  it('fails where something else is wrong with the server', async () => {
    await using stub = await startStub();
    await using peer = await asking(stub);
    await peer.connection.sendNotification('entropane/servers/changed', {
      servers: [{ address: stub.address, key: 'sk-other' }],
    });
    await peer.whenHealth('failed');

    expect(await failureOf(peer.ask(question).result)).toMatchObject({ code: 'server.refused' });
    expect(peer.healths.at(-1)?.standIn).toBeUndefined();
  });

  it('leaves the key in no message, log line or trace, whatever becomes of it', async () => {
    await using stub = await startStub();
    await using peer = await asking(stub);
    const asked = peer.ask(question);
    await asked.result;
    stub.fail('/completion', {
      type: 'status',
      status: 400,
      body: JSON.stringify({ error: { message: key } }),
    });
    await failureOf(peer.ask(question).result);

    expect(stub.requests.every(({ headers }) => headers.authorization === `Bearer ${key}`)).toBe(true);
    const seen = [asked.events, peer.healths, peer.logLines];
    const traces = await peer.request('entropane/traces/list', null);
    for (const { requestId } of traces) seen.push(await peer.request('entropane/traces/read', { requestId }));
    expect(traces).toHaveLength(2);
    expect(JSON.stringify(seen)).not.toContain(key);
  });
});
