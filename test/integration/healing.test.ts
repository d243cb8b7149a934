import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BlockObserver, noChanges } from '../../lab/observe/blockObservation.ts';
import { openBlockObserver } from '../../lab/observe/llamaBlockObserver.ts';
import { openTensorCodec } from '../../lab/observe/llamaTensorCodec.ts';
import { type CalibrationText, readCalibrationText } from '../../lab/prune/calibrationText.ts';
import { encodeCalibration } from '../../lab/prune/calibrationTokens.ts';
import { healModel } from '../../lab/prune/healing.ts';
import type { ModelHealing } from '../../lab/prune/healingRecord.ts';
import { planPruning } from '../../lab/prune/prunePlan.ts';
import { writePrunedModel } from '../../lab/prune/prunedModelWriter.ts';
import { commandLineTrials } from '../../sidecar/cli/commandLineTrials.ts';
import { checkModelFile } from '../../sidecar/gguf/checkModelFile.ts';
import { type GgufHeader, metadataNumber, metadataText } from '../../sidecar/gguf/ggufHeader.ts';
import { requestWith, unhurried } from '../support/engine/generating.ts';
import { createRealEngine, installedModelPath, loadForTest } from '../support/engine/realEngine.ts';

const signal = new AbortController().signal;
const root = join(import.meta.dirname, '../..');
const bundleFolder = join(root, 'dist');
const plan = planPruning(
  { sha256: 'not looked at here', blockCount: 30 },
  { type: 'drop', blocks: [11, 20] },
);

let folder = '';
let sourcePath = '';
let header: GgufHeader;
let text: CalibrationText;
let wasm: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'entropane-heal-'));
  sourcePath = await installedModelPath('smollm2-135m');
  header = await checkModelFile(sourcePath);
  text = await readCalibrationText(join(root, 'media/calibration'));
  wasm = new Uint8Array(await readFile(join(bundleFolder, 'transposedProduct.wasm')));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function withObserver<T>(path: string, use: (observer: BlockObserver) => Promise<T>): Promise<T> {
  const trials = commandLineTrials(bundleFolder);
  const observer = await openBlockObserver(path, { bundleFolder, trials, contextTokens: 512 }, signal);
  try {
    return await use(observer);
  } finally {
    observer.dispose();
  }
}

function heal(tokens: number): Promise<ModelHealing> {
  return withObserver(sourcePath, (observer) => {
    const parts = { observer, codec: openTensorCodec(bundleFolder), wasm };
    const options = { text, tokens, seed: 1, onProgress: () => undefined };
    return healModel(parts, { path: sourcePath, header, plan }, options, signal);
  });
}

async function write(name: string, healing?: ModelHealing): Promise<string> {
  const output = join(folder, name);
  const options = { onProgress: () => undefined, ...(healing === undefined ? {} : { healing }) };
  await writePrunedModel(sourcePath, output, plan, options, signal);
  return output;
}

/** Mean −ln p of the tokens of text that nothing was fitted to. */
function lossOf(path: string): Promise<number> {
  return withObserver(path, async (observer) => {
    const texts = await encodeCalibration(
      observer.model,
      text.heldOut,
      { seed: 2, maxTokens: 192 },
      unhurried,
    );
    const losses: number[] = [];
    for (const { tokens } of texts.slice(0, 3)) {
      losses.push(...(await observer.predict(tokens, noChanges, signal)).lossNats);
    }
    return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  });
}

describe('a healed model', () => {
  it('foretells text better than the pruned one it was made from, and runs', async () => {
    const healing = await heal(2000);
    expect(healing.record.blocks.map(({ block, target }) => [block, target])).toEqual([
      [10, 11],
      [19, 20],
    ]);
    for (const { errorBefore, errorAfter } of healing.record.blocks)
      expect(errorAfter).toBeLessThan(errorBefore);
    const [plain, healed] = [await write('plain.gguf'), await write('healed.gguf', healing)];
    const [plainLoss, healedLoss] = [await lossOf(plain), await lossOf(healed)];
    expect(healedLoss).toBeLessThan(plainLoss);
    expect(healedLoss).toBeGreaterThan(await lossOf(sourcePath));

    const written = await checkModelFile(healed);
    expect(metadataText(written, 'entropane.heal.text_sha256')).toBe(text.sha256);
    expect(metadataNumber(written, 'entropane.heal.tokens')).toBe(healing.record.tokens);
    // Block 19 is the 18th of those left.
    const types = written.tensors.filter(({ elementType }) => elementType.name === 'Q8_0');
    expect(types.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['blk.10.ffn_down.weight', 'blk.18.ffn_down.weight']),
    );

    const engine = createRealEngine();
    const model = await loadForTest(engine, healed);
    const sequence = await model.openSequence({ priority: 'interactive' }, signal);
    await sequence.append(await model.tokenize('def add(a, b):\n    return', { special: false }), signal);
    const request = requestWith({ maxTokens: 8 });
    let generated = 0;
    for await (const batch of sequence.generate(request, signal)) generated += batch.length;
    expect(generated).toBeGreaterThan(0);
    await engine.dispose();
  });

  it('is the same each time it is made', async () => {
    const [first, second] = [await heal(150), await heal(150)];
    expect(second.record).toEqual(first.record);
    const paths = [await write('first.gguf', first), await write('second.gguf', second)];
    const [a, b] = await Promise.all(paths.map((path) => readFile(path)));
    expect(a?.equals(b ?? Buffer.alloc(0))).toBe(true);
  });
});
