import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { StepSearchSettings } from '../../protocol/messages.ts';
import { StepGate } from '../../sidecar/engine/scripted/stepGate.ts';
import { contractPeer } from '../support/sidecar/contractPeer.ts';
import { openSource, place, script, uri } from '../support/sidecar/sumSource.ts';

describe('a request that is changed while it runs', () => {
  const question = { question: 'Count to a thousand.', strategy: 'direct' } as const;

  test('ends as cancelled when the client cancels, also before the first token', async () => {
    const gate = new StepGate();
    await using peer = await contractPeer(() => 'one two three four', { gate });
    await peer.initialize();
    const asked = peer.ask(question);
    await asked.whenEvent('prefill/finished');
    asked.cancellation.cancel();
    expect(await asked.result).toMatchObject({ reason: 'cancelled', answer: null });
    expect(asked.events.at(-1)).toMatchObject({ type: 'request/finished', reason: 'cancelled' });
  });

  test('stops with what it has when the user stops it', async () => {
    const gate = new StepGate();
    await using peer = await contractPeer(() => 'one two three four', { gate });
    await peer.initialize();
    const asked = peer.ask(question);
    await gate.whenParked(1);
    gate.release(2);
    await gate.whenParked(1);
    await asked.whenEvent('request/started');
    const [started] = asked.events;
    if (started?.type !== 'request/started') throw new Error('The first event names the request.');
    const { requestId } = started;
    expect(await peer.request('entropane/steer', { requestId, action: 'stop' })).toEqual({ accepted: true });
    expect(await asked.result).toMatchObject({ reason: 'stoppedByUser', text: 'one two' });
    expect(await peer.request('entropane/steer', { requestId, action: 'stop' })).toEqual({ accepted: false });
  });

  test('searches over steps by the settings, and by what it says of them itself', async () => {
    const model = ({ text }: { readonly text: string }) =>
      text.endsWith('answer:') ? ' 12\n' : `Line ${text.length}.\n`;
    await using peer = await contractPeer(model);
    await peer.initialize({ settings: { maxSteps: 3, stepChildren: 1, candidates: 1 } });
    await peer.whenHealth('ready');
    const lines = async (stepSearch: Partial<StepSearchSettings>): Promise<number> => {
      const asked = peer.ask({ ...question, strategy: 'stepBeam', stepSearch });
      return (await asked.result).text.match(/Line/gu)?.length ?? 0;
    };
    expect(await lines({})).toBe(3);
    expect(await lines({ maxSteps: 2 })).toBe(2);
  });

  test('goes on when another model is removed, and is cancelled when its own is', async () => {
    const gate = new StepGate();
    await using peer = await contractPeer(() => 'one two three four', { gate });
    await peer.initialize();
    await peer.whenHealth('ready');
    await writeFile(path.join(peer.storePath, 'models', 'other.gguf'), 'another');
    const asked = peer.ask(question);
    await gate.whenParked(1);
    await peer.request('entropane/models/remove', { model: 'other.gguf' });
    gate.release(2);
    await gate.whenParked(1);
    await peer.request('entropane/models/remove', { model: 'scripted.gguf' });
    expect(await asked.result).toMatchObject({ reason: 'cancelled' });
    expect(asked.events.filter((event) => event.type === 'tokens/appended')).not.toEqual([]);
  });

  test('is cancelled when its model is chosen again with other settings of the engine', async () => {
    const gate = new StepGate();
    await using peer = await contractPeer(() => 'one two three four', { gate });
    await peer.initialize();
    await peer.whenHealth('ready');
    const asked = peer.ask({ ...question, strategy: 'selfConsistency', candidates: 2 });
    await gate.whenParked(2);
    await peer.request('entropane/models/choose', { model: peer.modelPath });
    gate.release(2);
    await gate.whenParked(2);
    await peer.connection.sendNotification('entropane/settings/changed', { contextTokens: 512 });
    expect(await peer.request('entropane/models/choose', { model: peer.modelPath })).toMatchObject({
      state: 'ready',
    });
    expect(await asked.result).toMatchObject({ reason: 'cancelled' });
    expect(asked.events.at(-1)).toMatchObject({ type: 'request/finished', reason: 'cancelled' });
  });

  test('a completion whose document has moved on comes to nothing and says so', async () => {
    const gate = new StepGate();
    await using peer = await contractPeer(script, { gate });
    await peer.initialize();
    await peer.whenHealth('ready');
    await openSource(peer);
    const completing = peer.request('entropane/complete', { ...place, trigger: 'automatic' });
    await gate.whenParked(1);
    await peer.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version: 2 },
      contentChanges: [{ text: '' }],
    });
    expect(await peer.request('entropane/health/get', null)).toMatchObject({ state: 'ready' });
    gate.open();
    expect(await completing).toMatchObject({ items: [], report: { suppressed: 'stale' } });
  });
});
