import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { commandLineTrials } from '../../sidecar/cli/commandLineTrials.ts';
import { createLlamaEngine } from '../../sidecar/engine/llama/llamaEngine.ts';
import { generated, promptedSequence, requestWith } from '../support/engine/generating.ts';
import { installedModelPath, loadForTest } from '../support/engine/realEngine.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/machine/temporaryFolder.ts';

const root = join(import.meta.dirname, '../..');
const tear = 'tear';
const mebibyte = 2 ** 20;
/** What a model that nobody freed would keep, at least: its weights. */
const weightsMebibytes = 90;

/** The engine's own bundle, with a thread that dies of an error nobody catches when it is to tokenize `tear`. */
async function mortalBundle(): Promise<TemporaryFolder> {
  const folder = await temporaryFolder();
  await symlink(join(root, 'node_modules'), join(folder.path, 'node_modules'));
  await symlink(join(root, 'dist/statistics.wasm'), join(folder.path, 'statistics.wasm'));
  await writeFile(
    join(folder.path, 'engineThread.cjs'),
    `require('node:worker_threads').parentPort.on('message', ({ params }) => {
      if (params?.text === '${tear}') throw new Error('torn');
    });
    require(${JSON.stringify(join(root, 'dist/engineThread.cjs'))});`,
  );
  return folder;
}

it('serves again after its thread has died under a running generation, and keeps nothing of the lost model', async () => {
  await using bundle = await mortalBundle();
  const engine = createLlamaEngine({
    bundleFolder: bundle.path,
    trials: commandLineTrials(join(root, 'dist')),
  });
  const path = await installedModelPath('smollm2-135m');
  const texts = new Set<string>();
  const mebibytes: number[] = [];
  for (let life = 0; life < 4; life++) {
    const model = await loadForTest(engine, path, { contextTokens: 512 });
    const sequence = await promptedSequence(model, 'One, two, three,');
    texts.add((await generated(sequence, requestWith({ maxTokens: 8 }))).text);
    mebibytes.push(process.memoryUsage().rss / mebibyte);
    const isLost = expect(generated(sequence, requestWith({ maxTokens: 400 }))).rejects.toMatchObject({
      code: 'engine.failed',
    });
    // Answered or not: the error comes right behind.
    await Promise.allSettled([model.tokenize(tear, { special: false })]);
    await isLost;
  }
  expect(texts.size).toBe(1);
  // Three models were lost in between.
  expect((mebibytes.at(-1) ?? Infinity) - (mebibytes[0] ?? 0)).toBeLessThan(2 * weightsMebibytes);
  await engine.dispose();
});
