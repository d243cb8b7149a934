import { requireLocal } from '../../../sidecar/engine/requireLocal.ts';
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { Engine, Model } from '../../../sidecar/engine/engine.ts';
import { generated, requestWith } from './generating.ts';
import { createRealEngine, loadForTest } from './realEngine.ts';

const never = new AbortController().signal;
const contextTokens = 2048;
/** Rows of logits of one call that the engine has room for, most of them used. */
const branches = 120;

/**
 * Defines a test that holds the prediction for a model file to a tenth of what its load takes at most. One in a test
 * file, which is a process of its own: the C library keeps pages of a model that was unloaded, and the next one would
 * seem to take less by that.
 */
export function itPredictsMemory(path: string): void {
  it.runIf(process.platform === 'linux')(
    'is within a tenth of what the load takes, on a platform that tells',
    async () => {
      const engine = createRealEngine();
      try {
        const ratio = await predictedOverTaken(engine, path);
        expect(ratio).toBeGreaterThan(0.9);
        expect(ratio).toBeLessThan(1.1);
      } finally {
        await engine.dispose();
      }
    },
    240_000,
  );
}

async function predictedOverTaken(engine: Engine, path: string): Promise<number> {
  await startThread(engine);
  const before = await residentBytes();
  const model = await loadForTest(engine, path, { contextTokens });
  await exhaust(model);
  const takenBytes = (await residentBytes()) - before;
  await model.dispose();
  return requireLocal(model.info).memoryBytes / takenBytes;
}

/** Thread and libraries are there before anything is measured: a load opens them before it looks for its file. */
async function startThread(engine: Engine): Promise<void> {
  const missing = loadForTest(engine, `${import.meta.filename}.gguf`);
  await expect(missing).rejects.toMatchObject({ code: 'model.missing' });
}

/** A call with a full batch of prompt, and one with a row of logits for every branch: llama.cpp never takes more. */
async function exhaust(model: Model): Promise<void> {
  const sequence = await model.openSequence({ priority: 'interactive' }, never);
  const tokens = Array.from({ length: 540 }, (_, i) => 100 + (i % 1000));
  await sequence.append(tokens, never);
  const forks = await sequence.fork(branches, never);
  await Promise.all(forks.map((fork) => generated(fork, requestWith({ maxTokens: 1 }))));
  await Promise.all([sequence, ...forks].map((each) => each.dispose()));
}

async function residentBytes(): Promise<number> {
  const status = await readFile('/proc/self/status', 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024;
}
