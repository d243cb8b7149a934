import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generatedTokenCount } from '../../protocol/budget.ts';
import { isRecord } from '../../protocol/isRecord.ts';
import { strategyIds } from '../../protocol/strategyTable.ts';
import type { LlamaServer } from '../../lab/bench/baselines/llamaServer.ts';
import type { Model } from '../../sidecar/engine/engine.ts';
import { ServerConnection } from '../../sidecar/engine/remote/serverConnection.ts';
import { askModel } from '../support/engine/askedModel.ts';
import {
  chatPrompt,
  generated,
  promptedSequence,
  requestWith,
  unhurried,
} from '../support/engine/generating.ts';
import { temporaryFolder } from '../support/machine/temporaryFolder.ts';
import { filesBelow, runProgram } from '../support/server/askingProgram.ts';
import { startRealServer } from '../support/server/realServer.ts';
import { openRemote } from '../support/server/remoteModel.ts';

let server: LlamaServer;
let model: Model;
beforeAll(async () => {
  server = await startRealServer();
  model = await openRemote(server.origin);
});
afterAll(async () => {
  await server.stop();
});

describe('a real llama-server', () => {
  it('is described by what it says', () => {
    expect(model.info).toMatchObject({
      contextTokens: 1024,
      hasChatTemplate: true,
      capabilities: { tokens: 'ids', continues: true, alternatives: 20, constraint: 'grammar' },
    });
    expect(model.info.endTokens).toHaveLength(1);
  });

  it('gives the same greedy text to a sequence and its fork, and spells it with its tokens', async () => {
    const sequence = await promptedSequence(model, await chatPrompt(model, 'Count from one to five.'));
    const [fork] = await sequence.fork(1, unhurried);
    const first = await generated(sequence, requestWith({ maxTokens: 16 }));
    const second = fork && (await generated(fork, requestWith({ maxTokens: 16 })));

    expect(first.text.length).toBeGreaterThan(10);
    expect(second?.text).toBe(first.text);
    expect(await model.detokenize(first.ids)).toBe(first.text);
  });

  it('bounds the entropy of the whole vocabulary', async () => {
    const sequence = await promptedSequence(model, 'The capital of France is');
    const { steps } = await generated(sequence, requestWith({ maxTokens: 1 }));
    const exact = await exactEntropy('The capital of France is');

    expect(exact).toBeGreaterThan(0.1);
    expect(steps[0]?.entropyNats).toBeLessThanOrEqual(exact + 1e-6);
    expect(steps[0]?.entropyUpperNats).toBeGreaterThanOrEqual(exact - 1e-6);
  });

  it('counts each token of a character that it keeps to itself', async () => {
    const sequence = await promptedSequence(model, 'Write an emoji: ');
    const { text, steps, end } = await generated(sequence, requestWith({ grammar: 'root ::= "🙃🫠"' }));

    expect([text, end.type]).toEqual(['🙃🫠', 'endToken']);
    expect(steps).toHaveLength(6);
  });

  it('begins as it must and goes on as it likes', async () => {
    const sequence = await promptedSequence(model, 'def add(a, b):\n    ');
    const result = await generated(sequence, requestWith({ mustBeginWith: 'retu', maxTokens: 6 }));

    expect(result.text).toMatch(/^retu/);
    expect(result.text.length).toBeGreaterThan(4);
  });

  it('refuses a grammar that is none', async () => {
    const sequence = await promptedSequence(model, 'a');

    await expect(generated(sequence, requestWith({ grammar: 'root ::= "a' }))).rejects.toMatchObject({
      code: 'grammar.invalid',
    });
  });

  it('stops working when a request is cancelled', async () => {
    const sequence = await promptedSequence(model, 'Once upon a time');
    const stop = new AbortController();
    const onBatch = () => {
      stop.abort();
    };
    const sampler = { temperature: 0, topK: 0, topP: 1, minP: 0 };
    const request = requestWith({ maxTokens: 900, sampler });
    const { end, steps } = await generated(sequence, request, { signal: stop.signal, onBatch });

    expect([end.type, steps.length]).toEqual(['cancelled', 1]);
    // A request in the other slot is not waited for, so the slots are looked at until both are free.
    await expect.poll(busySlots, { interval: 20, timeout: 5000 }).toBe(0);
  });
});

describe('two real llama-servers', () => {
  it('write one text though one is killed in the middle of it', async () => {
    const [first, second] = [await startRealServer(), await startRealServer()];
    try {
      const log: string[] = [];
      const both = await openRemote(first.origin, { others: [second.origin], log });
      const sequence = await promptedSequence(both, 'Once upon a time');
      const before = sequence.length;
      let stepCount = 0;
      const onBatch = (steps: readonly unknown[]) => {
        stepCount += steps.length;
        if (stepCount === 10 && first.processId !== undefined) process.kill(first.processId, 'SIGKILL');
      };
      const request = requestWith({ maxTokens: 120 });
      const { steps, end, serverTurns } = await generated(sequence, request, { onBatch });

      expect([steps.length, end.type]).toEqual([120, 'maxTokens']);
      expect(sequence.length).toBe(before + 120);
      expect(log).toEqual([expect.stringContaining(first.origin)]);
      expect(serverTurns).toMatchObject([
        { server: expect.stringContaining(first.origin) as string, afterTokens: 0 },
        {
          server: expect.stringContaining(second.origin) as string,
          why: expect.stringContaining(first.origin) as string,
        },
      ]);
    } finally {
      await Promise.all([first.stop(), second.stop()]);
    }
  });
});

describe.each(strategyIds)('the strategy %s', (strategy) => {
  it('answers on a real llama-server', async () => {
    const { result, events } = await askModel(model, {
      requestId: `server-${strategy}`,
      question: 'What is 3 + 4?',
      attachment: null,
      attachments: [],
      seed: 5,
      difficulty: null,
      strategy,
      candidateCount: 2,
      choices: {
        budget: { generatedTokens: 160, thoughtTokensPerCandidate: 40, answerTokensPerCandidate: 16 },
      },
      sequenceOptions: { priority: 'background' },
    });

    expect(['answered', 'budgetExhausted']).toContain(result.reason);
    expect(generatedTokenCount(result.ledger)).toBeGreaterThan(0);
    expect(events.at(-1)?.type).toBe('request/finished');
  });
});

describe('the key of a real llama-server', () => {
  it('opens it, and is nowhere afterwards', async () => {
    await using folder = await temporaryFolder();
    const canary = 'sk-canary-91c0';
    const keyFile = path.join(folder.path, 'key');
    await writeFile(keyFile, `${canary}\n`);
    await chmod(keyFile, 0o600);
    const closed = await startRealServer(['--api-key-file', keyFile]);
    try {
      const storePath = path.join(folder.path, 'store');
      const question = ['--difficulty', 'easy', '--budget', '60', 'Write a Python function f.'];
      const named = ['ask', '--log', '--server', closed.origin];
      const refused = await runProgram([...named, ...question], { storePath, folder: folder.path });
      const ran = await runProgram([...named, '--server-key-file', keyFile, ...question], {
        storePath,
        folder: folder.path,
      });
      const files = await filesBelow(storePath);

      expect(refused.errors).toContain('asks for a key');
      expect(ran.exitCode).toBe(0);
      for (const text of [ran.output, ran.errors, ...files.values()]) expect(text).not.toContain(canary);
    } finally {
      await closed.stop();
    }
  });
});

async function busySlots(): Promise<number> {
  const slots = await new ServerConnection({ address: server.origin, key: null }).get('/slots', unhurried);
  return Array.isArray(slots)
    ? slots.filter((slot) => isRecord(slot) && slot.is_processing === true).length
    : -1;
}

/** Entropy of the next token, from the probabilities of all tokens. */
async function exactEntropy(prompt: string): Promise<number> {
  const connection = new ServerConnection({ address: server.origin, key: null });
  const ids = await model.tokenize(prompt, { special: true });
  const body = { prompt: ids, n_predict: 1, n_probs: 49_152, samplers: ['top_k'], top_k: 1 };
  const answer = await connection.post('/completion', body, unhurried);
  const tokens: readonly unknown[] =
    isRecord(answer) && Array.isArray(answer.completion_probabilities) ? answer.completion_probabilities : [];
  const [first] = tokens;
  const top: readonly unknown[] =
    isRecord(first) && Array.isArray(first.top_logprobs) ? first.top_logprobs : [];
  const logprobs = top.map((each) =>
    isRecord(each) && typeof each.logprob === 'number' ? each.logprob : -Infinity,
  );
  return logprobs.reduce(
    (sum, logprob) => sum - Math.exp(logprob) * (Number.isFinite(logprob) ? logprob : 0),
    0,
  );
}
