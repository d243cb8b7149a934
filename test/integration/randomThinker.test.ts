import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writtenText } from '../../protocol/writtenText.ts';
import type { Engine, Model } from '../../sidecar/engine/engine.ts';
import type { AskRequest } from '../../sidecar/reasoning/run/requestRunner.ts';
import { askModel } from '../support/engine/askedModel.ts';
import { createRealEngine, loadForTest } from '../support/engine/realEngine.ts';
import { scriptedRequest } from '../support/engine/scriptedRequest.ts';
import { failureOf } from '../support/sidecar/contractPeer.ts';
import { SidecarProcess } from '../support/sidecar/sidecarProcess.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/machine/temporaryFolder.ts';
import { randomThinkerBytes } from '../support/modelFiles/randomThinker.ts';

let folder: TemporaryFolder;
let engine: Engine;
let model: Model;
beforeAll(async () => {
  folder = await temporaryFolder();
  const file = path.join(folder.path, 'randomThinker.gguf');
  await writeFile(file, randomThinkerBytes());
  engine = createRealEngine();
  model = await loadForTest(engine, file);
});
afterAll(async () => {
  await engine.dispose();
  await folder[Symbol.asyncDispose]();
});

const request: AskRequest = { ...scriptedRequest, question: 'How many?', strategy: 'chainOfThought' };

it('a file of the qwen3 architecture loads, and thinks as its template says', () => {
  expect(model.info.local?.architecture).toBe('qwen3');
  expect(model.info.capabilities.thinking).toMatchObject({ form: 'think', dropsEarlier: true });
});

it('its markers are single tokens, which are read in what the product writes and in nothing else', async () => {
  const [open, ...more] = await model.tokenize('<think>', { special: true });
  expect(more).toEqual([]);
  expect(await model.detokenize([open ?? 0])).toBe('<think>');
});

it('a thought that it never closes is closed at its cap, and the answer follows', async () => {
  const { state, events, result } = await askModel(model, {
    ...request,
    choices: { budget: { thoughtTokensPerCandidate: 24, answerTokensPerCandidate: 16 } },
  });
  const [candidate] = state.candidates;
  const cues = events.flatMap((event) => (event.type === 'cue/appended' ? [event] : []));
  // A random model may write the marker by chance, one of 263 tokens.
  expect(cues[0]).toMatchObject({ text: '\n</think>\n\n', tokenCount: 4 });
  expect(state.ledger.tokens.thought).toBeLessThanOrEqual(24);
  expect(state.ledger.tokens.answer).toBeGreaterThan(0);
  expect(candidate && writtenText(candidate, state.candidates).thought).not.toContain('</think>');
  expect(result.text).toMatch(/^Final answer:/u);
});

it('several thoughts vote, and the same seed gives the same log', async () => {
  const voting: AskRequest = {
    ...request,
    strategy: 'selfConsistency',
    candidateCount: 3,
    sequenceOptions: { priority: 'background', isReproducible: true },
    choices: { budget: { thoughtTokensPerCandidate: 16, answerTokensPerCandidate: 8 } },
  };
  const [first, second] = [await askModel(model, voting), await askModel(model, voting)];
  expect(first.state.candidates).toHaveLength(3);
  expect(second.result.text).toBe(first.result.text);
});

it('asked not to think, it begins with the answer', async () => {
  const { state } = await askModel(model, {
    ...request,
    strategy: 'direct',
    choices: { budget: { answerTokensPerCandidate: 8 } },
  });
  expect(state.started?.thinking).toBeUndefined();
  expect(state.ledger.tokens.thought).toBe(0);
});

it('a template that fails ends its question with a code, and a form that the user sets takes the place of its own', async () => {
  const refusing = path.join(folder.path, 'refusing.gguf');
  await writeFile(refusing, randomThinkerBytes({ template: "{{ raise_exception('no') }}{{ '</think>' }}" }));
  const plain = path.join(folder.path, 'plain.gguf');
  await writeFile(plain, randomThinkerBytes({ template: '{{ messages[0].content }}' }));
  await using sidecar = await SidecarProcess.ready({
    settings: { model: refusing, contextTokens: 512, thinkingForm: 'think' },
  });
  const params = {
    question: 'Hi.',
    strategy: 'chainOfThought',
    budget: { thoughtTokensPerCandidate: 4 },
  } as const;
  expect(await failureOf(sidecar.ask(params).result)).toMatchObject({ code: 'model.unsupported' });
  await sidecar.request('entropane/models/choose', { model: plain });
  const answered = await sidecar.ask(params).result;
  expect(answered.ledger.tokens.thought).toBeGreaterThan(0);
  expect(answered.ledger.tokens.thought).toBeLessThanOrEqual(4);
}, 240_000);
