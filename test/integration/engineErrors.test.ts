import { copyFile, open, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commandLineTrials } from '../../sidecar/cli/commandLineTrials.ts';
import type { Engine } from '../../sidecar/engine/engine.ts';
import { createLlamaEngine } from '../../sidecar/engine/llama/llamaEngine.ts';
import { readGgufHeader } from '../../sidecar/gguf/readGgufHeader.ts';
import { generated, promptedSequence, requestWith } from '../support/engine/generating.ts';
import { createRealEngine, installedModelPath, loadForTest } from '../support/engine/realEngine.ts';
import { temporaryFolder } from '../support/machine/temporaryFolder.ts';
import { textValue, tinyModelBytes } from '../support/modelFiles/tinyModel.ts';

let engine: Engine;
beforeAll(() => {
  engine = createRealEngine();
});
afterAll(async () => {
  await engine.dispose();
});

async function codeOf(path: string): Promise<unknown> {
  const outcome = await loadForTest(engine, path).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return outcome instanceof Error && 'code' in outcome ? outcome.code : outcome;
}

/** The first bytes of an installed model, under another name. */
async function headOf(bytes: number, target: string): Promise<Buffer> {
  const source = await open(await installedModelPath('smollm2-135m'), 'r');
  try {
    const { buffer } = await source.read(Buffer.alloc(bytes), 0, bytes, 0);
    await writeFile(target, buffer);
    return buffer;
  } finally {
    await source.close();
  }
}

describe('a file that cannot be run', () => {
  it('is refused with its cause, and the engine goes on', async () => {
    await using folder = await temporaryFolder();
    const file = (name: string): string => join(folder.path, name);

    expect(await codeOf(file('none.gguf'))).toBe('model.missing');

    await writeFile(file('text.gguf'), 'This is not a model.\n'.repeat(100));
    expect(await codeOf(file('text.gguf'))).toBe('model.unreadable');

    await writeFile(file('empty.gguf'), '');
    expect(await codeOf(file('empty.gguf'))).toBe('model.unreadable');

    const head = await headOf(8 << 20, file('cut.gguf'));
    expect(await codeOf(file('cut.gguf'))).toBe('model.unreadable');

    // A count of tensors that nothing backs.
    const corrupt = Buffer.from(head);
    corrupt.writeBigUInt64LE(2n ** 40n, 8);
    await writeFile(file('corrupt.gguf'), corrupt);
    expect(await codeOf(file('corrupt.gguf'))).toBe('model.unreadable');

    const foreign = tinyModelBytes({ metadata: new Map([['general.architecture', textValue('unheard')]]) });
    await writeFile(file('foreign.gguf'), foreign);
    expect(await codeOf(file('foreign.gguf'))).toBe('model.unsupported');

    // Right architecture, wrong tensors: llama.cpp itself refuses it.
    await writeFile(file('tiny.gguf'), tinyModelBytes({}));
    expect(await codeOf(file('tiny.gguf'))).toBe('model.unsupported');

    const model = await loadForTest(engine, await installedModelPath('smollm2-135m'), { contextTokens: 512 });
    const sequence = await promptedSequence(model, 'Hello');
    expect((await generated(sequence, requestWith({ maxTokens: 3 }))).ids).toHaveLength(3);
    await model.dispose();
  });
});

describe('a model whose header is whole and whose weights are not', () => {
  it.each([
    ['never arrived', 0],
    ['are foreign bytes', 0xff],
  ])('is refused when they %s', async (_what, byte) => {
    await using folder = await temporaryFolder();
    const source = await installedModelPath('smollm2-135m');
    const damaged = join(folder.path, 'damaged.gguf');
    await copyFile(source, damaged);
    const { dataOffset } = await readGgufHeader(source);
    const file = await open(damaged, 'r+');
    try {
      const { size } = await file.stat();
      const filler = Buffer.alloc(1 << 20, byte);
      for (let at = dataOffset; at < size; at += filler.length) {
        await file.write(filler, 0, Math.min(filler.length, size - at), at);
      }
    } finally {
      await file.close();
    }
    expect(await codeOf(damaged)).toBe('model.unreadable');
  });
});

describe('loading', () => {
  it('gives the same model for the same file and options', async () => {
    const path = await installedModelPath('smollm2-135m');
    const first = await loadForTest(engine, path, { contextTokens: 768 });
    expect(await loadForTest(engine, path, { contextTokens: 768 })).toBe(first);
    expect(await loadForTest(engine, path, { contextTokens: 512 })).not.toBe(first);
    await first.dispose();
    expect(await loadForTest(engine, path, { contextTokens: 768 })).not.toBe(first);
  });
});

describe('memory', () => {
  it('is given back with the model, and by an engine that ends while it loads', async () => {
    const path = await installedModelPath('qwen2.5-coder-0.5b');
    const { size } = await stat(path);
    const held = (since: number): number => process.memoryUsage.rss() - since;
    const own = createRealEngine();
    // Whatever a first model leaves behind for good, such as the libraries, is there from now on.
    await (await loadForTest(own, path, { contextTokens: 512 })).dispose();
    const before = process.memoryUsage.rss();
    const model = await loadForTest(own, path, { contextTokens: 512 });
    expect(held(before)).toBeGreaterThan(0.7 * size);
    await model.dispose();
    expect(held(before)).toBeLessThan(0.3 * size);

    const loading = loadForTest(own, path, { contextTokens: 512 }).catch((thrown: unknown) => thrown);
    while (held(before) < 0.4 * size) await new Promise(setImmediate);
    await own.dispose();
    await loading;
    expect(held(before)).toBeLessThan(0.3 * size);
  });
});

describe('an engine whose thread cannot run', () => {
  it('says so to every caller', async () => {
    await using folder = await temporaryFolder();
    const broken = createLlamaEngine({ bundleFolder: folder.path, trials: commandLineTrials(folder.path) });
    const path = await installedModelPath('smollm2-135m');
    await expect(loadForTest(broken, path)).rejects.toMatchObject({ code: 'engine.failed' });
    await expect(loadForTest(broken, path)).rejects.toMatchObject({ code: 'engine.failed' });
    await broken.dispose();
  });
});
