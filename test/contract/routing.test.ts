import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatedTokenCount } from '../../protocol/budget.ts';
import { routeOption } from '../../sidecar/cli/batch/routeOption.ts';
import { UsageError } from '../../sidecar/cli/command.ts';
import type { Script } from '../../sidecar/engine/scripted/script.ts';
import { defaultHubEndpoint, ModelStore } from '../../sidecar/models/modelStore.ts';
import { systemClock } from '../../sidecar/process/clock.ts';
import { defaultProfiles } from '../../sidecar/reasoning/difficulty/autoTable.ts';
import { contractPeer, type ContractPeer } from '../support/sidecar/contractPeer.ts';

/** Unsure of whatever is called a riddle, and sure of all else. */
const script: Script = ({ text, call }) => {
  if (call > 0) return ' 12\n';
  const entropyNats = text.includes('riddle') ? 0.9 : 0.01;
  return [...Array.from({ length: 40 }, () => ({ text: ' hm', entropyNats })), '\nFinal answer:'];
};
const riddle = 'A riddle: how many legs do three cats have?';
const sum = 'How much is 7 and 5?';

const smallOf = ({ storePath }: ContractPeer): string => path.join(storePath, 'models', 'small.gguf');

async function peerWithTwoModels(): Promise<ContractPeer> {
  const peer = await contractPeer(script);
  await writeFile(smallOf(peer), 'another');
  await peer.initialize();
  await peer.whenHealth('ready');
  return peer;
}

/** Has what is easy for the small model measured to be answered as well by it, in a table of the user's own. */
async function measureRoute(peer: ContractPeer): Promise<void> {
  const store = new ModelStore({
    storePath: peer.storePath,
    hubEndpoint: defaultHubEndpoint,
    clock: systemClock,
  });
  const hashOf = async (file: string): Promise<string> =>
    (await store.verify(file, () => undefined, new AbortController().signal)).sha256;
  const figures = {
    questions: 100,
    accuracyDifference: { estimate: 0, low: -0.04, high: 0.04 },
    timeRatio: { estimate: 0.7, low: 0.6, high: 0.8 },
  };
  const route = { role: 'route', judge: 'entropyRule', classes: { easy: figures } };
  const row = { ...defaultProfiles, standIns: { [await hashOf(smallOf(peer))]: route } };
  const table = { version: 1, models: { [await hashOf(peer.modelPath)]: row } };
  await writeFile(path.join(peer.storePath, 'autoTable.json'), JSON.stringify(table));
}

describe('a route', () => {
  it('is taken by what the user calls easy alone, where nothing was measured, and the trace says why', async () => {
    await using peer = await peerWithTwoModels();
    const route = [smallOf(peer)];
    const judged = peer.ask({ question: sum, route });
    expect(await judged.result).toMatchObject({ model: 'scripted' });
    expect(judged.events[1]).toMatchObject({ type: 'decision/made', kind: 'modelRouted' });
    // Nothing can come of it, so the small model is not even loaded.
    expect(peer.logLines.filter((line) => line.includes('small.gguf'))).toEqual([]);
    for (const difficulty of ['normal', 'hard'] as const)
      expect(await peer.ask({ question: sum, route, difficulty }).result).toMatchObject({
        model: 'scripted',
      });
    const easy = peer.ask({ question: sum, route, difficulty: 'easy' });
    expect(await easy.result).toMatchObject({ model: 'small' });
    expect(easy.events[1]).toMatchObject({ type: 'decision/made', kind: 'modelRouted' });
  });

  it('is taken by what is judged as a table of the user measured it', async () => {
    await using peer = await peerWithTwoModels();
    await measureRoute(peer);
    const route = [smallOf(peer)];
    expect(await peer.ask({ question: sum, route }).result).toMatchObject({ model: 'small' });
    expect(await peer.ask({ question: riddle, route }).result).toMatchObject({ model: 'scripted' });
    // Only questions that were answered leave a trace.
    expect(await peer.request('entropane/traces/list', null)).toHaveLength(2);
  });

  it('spends the budget of its question on the judgement, too', async () => {
    await using peer = await peerWithTwoModels();
    await measureRoute(peer);
    const route = [smallOf(peer)];
    const bounded = peer.ask({ question: riddle, route, budget: { generatedTokens: 60 } });
    const { ledger } = await bounded.result;
    // The entropy rule reads 32 tokens of the small model.
    expect(bounded.events[0]).toMatchObject({ budget: { generatedTokens: 28 } });
    expect(generatedTokenCount(ledger)).toBeLessThanOrEqual(28);
    const before = await peer.request('entropane/spending/show', null);
    expect(before.tokensToday).toBeLessThanOrEqual(60);
    const none = peer.ask({ question: riddle, route, budget: { generatedTokens: 0 } });
    expect(await none.result).toMatchObject({ reason: 'budgetExhausted', ledger: { tokens: { prompt: 0 } } });
    expect((await peer.request('entropane/spending/show', null)).tokensToday).toBe(before.tokensToday);
  });

  it('may stand in the settings, and a missing model is an error', async () => {
    await using peer = await peerWithTwoModels();
    const route = [smallOf(peer)];
    await peer.connection.sendNotification('entropane/settings/changed', { route });
    expect(await peer.ask({ question: sum, difficulty: 'easy' }).result).toMatchObject({ model: 'small' });
    const gone = [path.join(peer.storePath, 'models', 'gone.gguf')];
    for (const difficulty of ['easy', 'measured'] as const) {
      const { result } = peer.ask({ question: sum, route: gone, difficulty });
      await expect(result).rejects.toThrow();
    }
  });

  it('on the command line names two models at least, and no other model stands beside it', () => {
    expect(routeOption({})).toEqual([]);
    expect(routeOption({ route: 'a, b' })).toEqual(['a', 'b']);
    for (const wrong of [{ route: 'a' }, { route: 'a,' }, { route: 'a,a' }, { route: 'a,b', model: 'c' }])
      expect(() => routeOption(wrong)).toThrow(UsageError);
  });
});
