import { requireLocal } from '../../sidecar/engine/requireLocal.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BlockSelection } from '../../lab/prune/prunePlan.ts';
import type { Engine } from '../../sidecar/engine/engine.ts';
import { requestWith } from '../support/engine/generating.ts';
import { createRealEngine, installedModelPath, loadForTest } from '../support/engine/realEngine.ts';
import { writePruned } from '../support/modelFiles/prunedModel.ts';

const signal = new AbortController().signal;
let engine: Engine;
let folder = '';

beforeAll(async () => {
  engine = createRealEngine();
  folder = await mkdtemp(join(tmpdir(), 'entropane-prune-'));
});
afterAll(async () => {
  await engine.dispose();
  await rm(folder, { recursive: true });
});

async function prunedPath(
  name: 'smollm2-135m' | 'qwen2.5-coder-0.5b',
  selection: BlockSelection,
): Promise<string> {
  const source = await installedModelPath(name);
  return writePruned(source, { folder, selection, sha256: 'not looked at here' });
}

describe('a pruned model', () => {
  it.each<['smollm2-135m' | 'qwen2.5-coder-0.5b', BlockSelection, number]>([
    ['smollm2-135m', { type: 'drop', blocks: [12, 11] }, 28],
    ['smollm2-135m', { type: 'keepRatio', ratio: 0.5 }, 15],
    ['qwen2.5-coder-0.5b', { type: 'drop', blocks: [22] }, 23],
  ])('of %s (%o) loads and generates', async (name, selection, blockCount) => {
    const model = await loadForTest(engine, await prunedPath(name, selection));
    expect(requireLocal(model.info).blockCount).toBe(blockCount);
    const sequence = await model.openSequence({ priority: 'interactive' }, signal);
    await sequence.append(await model.tokenize('def add(a, b):\n    return', { special: false }), signal);
    const request = requestWith({ maxTokens: 8 });
    const steps = [];
    for await (const batch of sequence.generate(request, signal)) steps.push(...batch);
    expect(steps.length).toBeGreaterThan(0);
    for (const step of steps) {
      expect(step.logprob).toBeLessThanOrEqual(0);
      expect(step.entropyNats).toBeGreaterThanOrEqual(0);
      expect(step.entropyNats).toBeLessThanOrEqual(Math.log(requireLocal(model.info).vocabularySize));
    }
    await sequence.dispose();
    await model.dispose();
  });
});
