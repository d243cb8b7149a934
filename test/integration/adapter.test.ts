import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../sidecar/engine/engine.ts';
import { architectureOf, type GgufHeader } from '../../sidecar/gguf/ggufHeader.ts';
import { readGgufHeader } from '../../sidecar/gguf/readGgufHeader.ts';
import { generated, promptedSequence, requestWith } from '../support/engine/generating.ts';
import { createRealEngine, installedModelPath, loadForTest } from '../support/engine/realEngine.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/machine/temporaryFolder.ts';
import { loraFile } from '../support/modelFiles/loraFile.ts';

let engine: Engine;
let folder: TemporaryFolder;
let modelPath: string;
let header: GgufHeader;
beforeAll(async () => {
  engine = createRealEngine();
  folder = await temporaryFolder();
  modelPath = await installedModelPath('smollm2-135m');
  header = await readGgufHeader(modelPath);
});
afterAll(async () => {
  await engine.dispose();
  await folder[Symbol.asyncDispose]();
});

async function adapterFile(name: string, bytes: Uint8Array): Promise<string> {
  const file = path.join(folder.path, name);
  await writeFile(file, bytes);
  return file;
}

const architecture = (): string => architectureOf(header) ?? '';
const changing = (): Uint8Array => {
  const names = header.tensors.map(({ name }) => name).filter((name) => /attn_(q|v)\.weight$/.test(name));
  return loraFile(header, { architecture: architecture(), names, size: 1 });
};

/** Entropies of what is written greedily, with an adapter at a scale or without one. */
async function entropies(adapter: { readonly path: string; readonly scale: number } | null) {
  const model = await loadForTest(engine, modelPath, { contextTokens: 512, ...(adapter && { adapter }) });
  const sequence = await promptedSequence(model, 'The capital of France is');
  const { steps } = await generated(sequence, requestWith({ maxTokens: 6 }));
  const { identity } = model.info;
  await sequence.dispose();
  await model.dispose();
  return { entropies: steps.map(({ entropyNats }) => entropyNats), identity };
}

describe('a LoRA adapter', () => {
  it('changes what the model writes by its scale, and nothing at 0', async () => {
    const file = await adapterFile('lora.gguf', changing());
    const plain = await entropies(null);
    const off = await entropies({ path: file, scale: 0 });
    const half = await entropies({ path: file, scale: 0.5 });
    const full = await entropies({ path: file, scale: 1 });
    expect(plain.identity.adapter).toBeUndefined();
    expect(full.identity).toMatchObject({
      hash: plain.identity.hash,
      adapter: { name: 'lora.gguf', scale: 1 },
    });
    off.entropies.forEach((nats, index) => {
      expect(nats).toBeCloseTo(plain.entropies[index] ?? NaN, 3);
    });
    const first = [plain, half, full].map((run) => run.entropies[0] ?? NaN);
    expect(Math.abs((first[2] ?? NaN) - (first[0] ?? NaN))).toBeGreaterThan(0.01);
    expect(first[1]).not.toBeCloseTo(first[0] ?? NaN, 3);
    expect(first[1]).not.toBeCloseTo(first[2] ?? NaN, 3);
  });

  it('of another model, or cut off, is refused, and the model is loaded without it all the same', async () => {
    const other = await readGgufHeader(await installedModelPath('qwen2.5-coder-0.5b'));
    const names = ['blk.0.attn_q.weight'];
    const foreign = await adapterFile(
      'foreign.gguf',
      loraFile(other, { architecture: architecture(), names }),
    );
    const cut = await adapterFile('cut.gguf', changing().subarray(0, 5000));
    await expect(entropies({ path: foreign, scale: 1 })).rejects.toMatchObject({
      code: 'adapter.incompatible',
    });
    await expect(entropies({ path: cut, scale: 1 })).rejects.toMatchObject({ code: 'adapter.unreadable' });
    expect((await entropies(null)).entropies).toHaveLength(6);
  });
});
