import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatedTokenCount } from '../../protocol/budget.ts';
import type { RequestMethod, Requests } from '../../protocol/messages.ts';
import { routedRow, routeOption } from '../../sidecar/cli/batch/routedRows.ts';
import { runBatch } from '../../sidecar/cli/batch/runBatch.ts';
import { UsageError } from '../../sidecar/cli/command.ts';
import type { Script } from '../../sidecar/engine/scripted/script.ts';
import { recordingTerminal } from '../support/machine/recordingTerminal.ts';
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

const loadsOf = ({ logLines }: ContractPeer, file: string): number =>
  logLines.filter((line) => line.includes('loaded') && line.includes(file)).length;

describe('a route', () => {
  it('sends a question to the smallest model that suffices, and the trace says why', async () => {
    await using peer = await peerWithTwoModels();
    const small = smallOf(peer);
    const easy = peer.ask({ question: sum, route: [small] });
    expect(await easy.result).toMatchObject({ model: 'small' });
    const [, first] = easy.events;
    expect(first).toMatchObject({ type: 'decision/made', kind: 'modelRouted' });
    const hard = peer.ask({ question: riddle, route: [small] });
    expect(await hard.result).toMatchObject({ model: 'scripted' });
    expect(hard.events[1]).toMatchObject({ kind: 'modelRouted' });
    // What the user calls hard is not asked of the small one.
    const called = peer.ask({ question: sum, route: [small], difficulty: 'hard' });
    expect(await called.result).toMatchObject({ model: 'scripted' });
    // Only questions that were answered leave a trace.
    expect(await peer.request('entropane/traces/list', null)).toHaveLength(3);
  });

  it('spends the budget of its question on the judgement, too', async () => {
    await using peer = await peerWithTwoModels();
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
    const small = smallOf(peer);
    await peer.connection.sendNotification('entropane/settings/changed', { route: [small] });
    expect(await peer.ask({ question: sum }).result).toMatchObject({ model: 'small' });
    const gone = path.join(peer.storePath, 'models', 'gone.gguf');
    await expect(peer.ask({ question: sum, route: [gone] }).result).rejects.toThrow();
  });

  it('goes through a batch model by model, and loads each once', async () => {
    await using peer = await peerWithTwoModels();
    const small = smallOf(peer);
    const client = {
      request: <M extends RequestMethod>(method: M, params: Requests[M]['params']) =>
        peer.request(method, params),
    };
    const rows = [riddle, sum, riddle, sum].map((question, id) => ({ id, question }));
    const route = [small, peer.modelPath];
    const answer = routedRow(client, route, { seed: 1 });
    const order: string[] = [];
    const runRow: typeof answer = async (row, signal, pass) => {
      const result = await answer(row, signal, pass);
      if (result !== null) order.push(`${row.id} ${result.model}`);
      return result;
    };
    const terminal = recordingTerminal();
    const plan = { rows, outputPath: null, parallel: 1, passCount: 2, runRow };
    expect(await runBatch(plan, terminal, new AbortController().signal)).toBe(0);
    expect(order).toEqual(['1 small', '3 small', '0 scripted', '2 scripted']);
    expect(JSON.parse(terminal.printed.at(-1) ?? '')).toMatchObject({
      rowCount: 4,
      doneCount: 4,
      failedCount: 0,
    });
    expect(loadsOf(peer, 'small.gguf')).toBe(1);
    expect(loadsOf(peer, 'scripted.gguf')).toBe(1);
  });

  it('bounds each row of a batch by the budget that its judgement left', async () => {
    await using peer = await peerWithTwoModels();
    const asked: unknown[] = [];
    const client = {
      request: <M extends RequestMethod>(method: M, params: Requests[M]['params']) => {
        asked.push([method, params !== null && 'budget' in params ? params.budget : null]);
        return peer.request(method, params);
      },
    };
    const budget = { generatedTokens: 60 };
    const answer = routedRow(client, [smallOf(peer), peer.modelPath], { seed: 1, budget });
    const { signal } = new AbortController();
    const row = { id: 0, question: riddle };
    expect(await answer(row, signal, 0)).toBeNull();
    expect(await answer(row, signal, 1)).toMatchObject({ model: 'scripted' });
    expect(asked).toEqual([
      ['entropane/difficulty', budget],
      ['entropane/ask', { generatedTokens: 28 }],
    ]);
  });

  it('on the command line names two models at least, and no other model stands beside it', () => {
    expect(routeOption({})).toEqual([]);
    expect(routeOption({ route: 'a, b' })).toEqual(['a', 'b']);
    for (const wrong of [{ route: 'a' }, { route: 'a,' }, { route: 'a,a' }, { route: 'a,b', model: 'c' }])
      expect(() => routeOption(wrong)).toThrow(UsageError);
  });
});
