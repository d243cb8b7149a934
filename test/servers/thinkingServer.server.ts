import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LlamaServer } from '../../lab/bench/baselines/llamaServer.ts';
import { strategyIds } from '../../protocol/strategyTable.ts';
import { writtenText } from '../../protocol/writtenText.ts';
import type { Model } from '../../sidecar/engine/engine.ts';
import type { AskRequest } from '../../sidecar/reasoning/run/requestRunner.ts';
import { askModel } from '../support/engine/askedModel.ts';
import { generated, promptedSequence, requestWith } from '../support/engine/generating.ts';
import { installedModelPath } from '../support/engine/realEngine.ts';
import { scriptedRequest } from '../support/engine/scriptedRequest.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/machine/temporaryFolder.ts';
import { ownInfillMarkers, randomThinkerBytes } from '../support/modelFiles/randomThinker.ts';
import { startRealServer } from '../support/server/realServer.ts';
import { openRemote } from '../support/server/remoteModel.ts';

let folder: TemporaryFolder;
let server: LlamaServer;
let model: Model;
beforeAll(async () => {
  folder = await temporaryFolder();
  const file = path.join(folder.path, 'randomThinker.gguf');
  await writeFile(file, randomThinkerBytes({ named: ownInfillMarkers }));
  server = await startRealServer([], file);
  model = await openRemote(server.origin);
});
afterAll(async () => {
  await server.stop();
  await folder[Symbol.asyncDispose]();
});

const request: AskRequest = { ...scriptedRequest, question: 'How many?', strategy: 'chainOfThought' };

describe('a model of the qwen3 architecture on a real llama-server', () => {
  it('thinks as its template says', () => {
    expect(model.info.local).toBeNull();
    expect(model.info.capabilities.thinking).toMatchObject({
      form: 'think',
      switch: { kind: 'variable', name: 'enable_thinking' },
      dropsEarlier: true,
    });
  });

  it('has its thought closed at the cap, and answers after it', async () => {
    const { state, events, result } = await askModel(model, {
      ...request,
      choices: { budget: { thoughtTokensPerCandidate: 24, answerTokensPerCandidate: 16 } },
    });
    const [candidate] = state.candidates;
    const [closing] = events.flatMap((event) => (event.type === 'cue/appended' ? [event] : []));

    expect(state.started?.thinking).toBe('think');
    // A random model may write the marker by chance, one of 266 tokens.
    expect(closing).toMatchObject({ text: '\n</think>\n\n', tokenCount: 4 });
    expect(state.ledger.tokens.thought).toBeLessThanOrEqual(24);
    expect(state.ledger.tokens.answer).toBeGreaterThan(0);
    expect(candidate && writtenText(candidate, state.candidates).thought).not.toContain('</think>');
    expect(result.text).toMatch(/^Final answer:/u);
  });

  it('begins with the answer where it is asked not to think', async () => {
    const { state } = await askModel(model, {
      ...request,
      strategy: 'direct',
      choices: { budget: { answerTokensPerCandidate: 8 } },
    });
    expect(state.started?.thinking).toBeUndefined();
    expect(state.ledger.tokens.thought).toBe(0);
  });

  it.each(strategyIds)('ends a question with the strategy %s', async (strategy) => {
    const { result, events } = await askModel(model, {
      ...request,
      strategy,
      candidateCount: 2,
      choices: {
        budget: { generatedTokens: 120, thoughtTokensPerCandidate: 24, answerTokensPerCandidate: 8 },
      },
    });
    expect(['answered', 'budgetExhausted']).toContain(result.reason);
    expect(events.at(-1)?.type).toBe('request/finished');
  });

  it('is asked for a middle with the markers that the server has for it, which no family spells so', async () => {
    const { infill } = model.info;
    const spelled = await model.detokenize(infill === null ? [] : [infill.prefix, infill.suffix]);
    const middle = infill?.middle ?? -1;

    expect(infill).toMatchObject({ family: 'unknown', orders: ['prefixFirst'] });
    expect(spelled).toBe('<|left|><|right|>');
    expect(await model.detokenize([middle])).toBe('<|here|>');
  });
});

describe('a model of code on a real llama-server', () => {
  it('writes what belongs between two texts, asked as its family was trained', async () => {
    const coder = await startRealServer([], await installedModelPath('qwen2.5-coder-0.5b'));
    try {
      const opened = await openRemote(coder.origin);
      const prompt =
        '<|fim_prefix|>def add(a, b):\n    return <|fim_suffix|>\n\nprint(add(1, 2))\n<|fim_middle|>';
      const sequence = await promptedSequence(opened, prompt);
      const { text } = await generated(sequence, requestWith({ maxTokens: 12 }));

      expect(opened.info.infill).toMatchObject({ family: 'qwen', files: { marks: 'each' } });
      expect(text).toMatch(/^a \+ b$/mu);
    } finally {
      await coder.stop();
    }
  });
});
