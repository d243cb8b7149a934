import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Engine, Model } from '../../sidecar/engine/engine.ts';
import { batchTokens } from '../../sidecar/engine/llama/decoding/decodeLoop.ts';
import { generated, longText, requestWith, unhurried } from '../support/generating.ts';
import { createRealEngine, installedModelPath, loadForTest } from '../support/realEngine.ts';

let engine: Engine;
let model: Model;
beforeAll(async () => {
  engine = createRealEngine();
  model = await loadForTest(engine, await installedModelPath('qwen2.5-coder-0.5b'), { contextTokens: 4096 });
});
afterAll(async () => {
  await engine.dispose();
});

/** Long enough for any message to reach the engine thread, and a small part of what a full call of a prompt takes. */
function aMoment(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 60));
}

it('a background prompt gives way in the middle of a call to whoever types, and is then read to its end', async () => {
  const tokens = (await model.tokenize(longText(batchTokens, 3), { special: false })).slice(0, batchTokens);
  const background = await model.openSequence({ priority: 'background' }, unhurried);
  const reading = background.append(tokens, unhurried);
  await aMoment();
  // As a completion does it: tokens first, then a sequence.
  const cameMs = performance.now();
  const typed = await model.tokenize('def add(a, b):', { special: false, isUrgent: true });
  const interactive = await model.openSequence({ priority: 'interactive' }, unhurried);
  await interactive.append(typed, unhurried);
  expect((await generated(interactive, requestWith({ maxTokens: 2 }))).ids).toHaveLength(2);
  const waitedMs = performance.now() - cameMs;
  const prefill = await reading;
  expect(prefill).toMatchObject({ tokenCount: batchTokens, cachedTokenCount: 0 });
  await interactive.dispose();

  // Nothing of the aborted call is left behind that the text could show.
  const request = requestWith({ maxTokens: 8 });
  const disturbed = await generated(background, request);
  await background.dispose();
  const alone = await model.openSequence({ priority: 'background', isReproducible: true }, unhurried);
  const { durationMs } = await alone.append(tokens, unhurried);
  // All of the prompt is one call (see `cancelledRounds.test.ts`), and whoever types has not waited for its end.
  expect(waitedMs).toBeLessThan(durationMs / 3);
  const undisturbed = await generated(alone, request);
  await alone.dispose();
  const differs = disturbed.ids.findIndex((id, i) => id !== undisturbed.ids[i]);
  if (differs >= 0) expect(disturbed.steps[differs]?.margin).toBeLessThan(0.05);
});
