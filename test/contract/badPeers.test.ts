import { describe, expect, test } from 'vitest';
import { ErrorCodes } from 'vscode-languageserver/node';
import { contractPeer, failureOf } from '../support/sidecar/contractPeer.ts';
import { openSource, place, script } from '../support/sidecar/sumSource.ts';

describe('bad peers', () => {
  test('an inline completion without a place is refused as a wrong parameter', async () => {
    await using peer = await contractPeer(script);
    await peer.initialize();
    const failure = await failureOf(peer.connection.sendRequest('textDocument/inlineCompletion', {}));
    expect(failure).toEqual({ lspCode: ErrorCodes.InvalidParams, code: 'parameter.invalid' });
  });

  test('a request after the shutdown is answered with a refusal', async () => {
    await using peer = await contractPeer(script);
    await peer.initialize();
    await peer.connection.sendRequest('shutdown');
    const failure = await failureOf(peer.request('entropane/health/get', null));
    expect(failure).toEqual({ lspCode: ErrorCodes.InvalidRequest, code: 'sidecar.gone' });
  });

  test('an unknown request is answered, an unknown notification is not minded', async () => {
    await using peer = await contractPeer(script);
    await peer.initialize();
    await peer.connection.sendNotification('entropane/no-such-notification', { a: 1 });
    const failure = await failureOf(peer.connection.sendRequest('entropane/no-such-request', {}));
    expect(failure).toMatchObject({ lspCode: ErrorCodes.MethodNotFound });
  });

  test('garbage between frames is skipped, logged, and the next request works', async () => {
    await using peer = await contractPeer(script);
    await peer.initialize();
    for (const noise of [
      'hello\n',
      'Content-Length: 7\r\n\r\n{"a": 1',
      'Content-Length: x\r\n\r\n',
      '\0\0',
    ]) {
      peer.wire.client.output.write(noise);
      expect(await peer.request('entropane/health/get', null)).toBeDefined();
    }
    expect(peer.logLines.filter((line) => line.startsWith('malformed input')).length).toBeGreaterThanOrEqual(
      4,
    );
  });

  test('a completion in a document that is not open, and parameters of the wrong kind', async () => {
    await using peer = await contractPeer(script);
    await peer.initialize();
    const unopened = peer.request('entropane/complete', { ...place, trigger: 'invoked' });
    expect(await failureOf(unopened)).toMatchObject({ code: 'document.unknown' });
    const odd = peer.connection.sendRequest('entropane/ask', ['How', 'so?']);
    expect(await failureOf(odd)).toMatchObject({ code: 'parameter.invalid' });
    const absent = peer.connection.sendRequest('entropane/models/choose');
    expect(await failureOf(absent)).toMatchObject({ code: 'parameter.invalid' });
  });

  test('a question without a model is answered with what to do', async () => {
    await using peer = await contractPeer(script);
    await peer.initialize({ settings: { model: 'qwen2.5-coder-0.5b' } });
    await peer.whenHealth('noModel');
    expect(await failureOf(peer.ask({ question: 'Why?' }).result)).toMatchObject({ code: 'model.missing' });
    await openSource(peer);
    const automatic = await peer.request('entropane/complete', { ...place, trigger: 'automatic' });
    expect(automatic.report.suppressed).toBe('engineNotReady');
  });

  test('a day whose tokens are used up: automatic completions pause, what is asked for goes on, health says why', async () => {
    await using peer = await contractPeer(script);
    await peer.initialize({ settings: { tokensPerDay: 1 } });
    await peer.whenHealth('ready');
    await openSource(peer);
    const before = await peer.request('entropane/complete', { ...place, trigger: 'automatic' });
    expect(before.report.suppressed).toBeNull();
    const automatic = await peer.request('entropane/complete', { ...place, trigger: 'automatic' });
    expect(automatic.report.suppressed).toBe('dailyBudgetSpent');
    const invoked = await peer.request('entropane/complete', { ...place, trigger: 'invoked' });
    expect(invoked.report.suppressed).toBeNull();
    const asked = peer.ask({ question: 'How many legs do three cats have?', strategy: 'selfConsistency' });
    expect(await asked.result).toMatchObject({ reason: 'answered' });
    expect(asked.events[0]).toMatchObject({ strategy: 'direct', candidateCount: 1 });
    expect(asked.events[1]).toMatchObject({ type: 'decision/made', kind: 'dailyBudgetSpent' });
    const note = expect.stringContaining('used up') as unknown;
    expect(await peer.request('entropane/health/get', null)).toMatchObject({ notes: [note] });

    await peer.request('entropane/spending/reset', null);
    expect(await peer.request('entropane/health/get', null)).toMatchObject({ notes: [] });
    const after = await peer.request('entropane/complete', { ...place, trigger: 'automatic' });
    expect(after.report.suppressed).toBeNull();
  });

  test('a question longer than the context, and one to an engine that fails', async () => {
    await using peer = await contractPeer(script, { contextTokens: 64 });
    await peer.initialize();
    const long = peer.ask({ question: 'word '.repeat(200) });
    expect(await failureOf(long.result)).toMatchObject({ code: 'context.exceeded' });
    expect(long.events.at(-1)).toMatchObject({ type: 'request/failed', error: { code: 'context.exceeded' } });

    await using broken = await contractPeer(() => {
      throw new Error('The script tore.');
    });
    await broken.initialize();
    const failed = await failureOf(broken.ask({ question: 'Why?' }).result);
    expect(failed).toEqual({ lspCode: ErrorCodes.InternalError, code: 'engine.failed' });
  });

  test('a model without fill-in-the-middle tokens is named as the reason', async () => {
    await using peer = await contractPeer(script, { info: { infill: null } });
    await peer.initialize();
    await peer.whenHealth('ready');
    await openSource(peer);
    const { items, report } = await peer.request('entropane/complete', { ...place, trigger: 'invoked' });
    expect({ items, suppressed: report.suppressed }).toEqual({ items: [], suppressed: 'modelLacksInfill' });
  });
});

test.each([
  [0, []],
  [-1, []],
  [1.5, []],
  [4711, [4711]],
])('the process id %d of a client names the processes %j', async (processId, named) => {
  await using peer = await contractPeer(script);
  await peer.connection.sendRequest('initialize', { processId, rootUri: null, capabilities: {} });
  expect(peer.clientProcesses).toEqual(named);
});
