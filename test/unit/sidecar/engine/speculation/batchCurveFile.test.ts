import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  batchCurvePathOf,
  type CurveKey,
  readBatchCurve,
  writeBatchCurve,
} from '../../../../../sidecar/engine/speculation/batchCurveFile.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../../support/machine/temporaryFolder.ts';

const curve = [
  { tokens: 1, durationMs: 20 },
  { tokens: 8, durationMs: 70.5 },
];
const key: CurveKey = { modelHash: 'f0ed', threads: 2, machine: 'CPU (zen4), llama.cpp 0.5.0' };

let folder: TemporaryFolder;
let path: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  path = batchCurvePathOf(join(folder.path, 'model.gguf'));
});
afterEach(() => folder[Symbol.asyncDispose]());

describe('a kept batch curve', () => {
  it('comes back for the model, threads and machine that it was measured on, and for no other', () => {
    writeBatchCurve(path, key, curve);
    expect(readBatchCurve(path, key)).toEqual(curve);
    expect(readBatchCurve(path, { ...key, modelHash: 'beef' })).toBeNull();
    expect(readBatchCurve(path, { ...key, threads: 4 })).toBeNull();
    expect(readBatchCurve(path, { ...key, machine: 'GPU' })).toBeNull();
  });

  it('takes the place of the one before and leaves those of other machines', async () => {
    const other = { ...key, machine: 'CPU (zen5), llama.cpp 0.5.0' };
    writeBatchCurve(path, key, curve);
    writeBatchCurve(path, other, curve);
    const newer = [...curve, { tokens: 16, durationMs: 120 }];
    writeBatchCurve(path, key, newer);
    expect(readBatchCurve(path, key)).toEqual(newer);
    expect(readBatchCurve(path, other)).toEqual(curve);
    expect(await readdir(folder.path)).toEqual(['model.gguf.batchCost.json']);
  });

  it('is forgotten where it was disturbed', () => {
    writeBatchCurve(path, key, curve);
    writeBatchCurve(path, key, null);
    expect(readBatchCurve(path, key)).toBeNull();
  });

  it('is measured again when there is none or its file is damaged', async () => {
    expect(readBatchCurve(path, key)).toBeNull();
    writeBatchCurve(path, key, curve);
    const whole = await readFile(path, 'utf8');
    const damaged = [
      whole.slice(0, whole.length / 2),
      '',
      '[]',
      'null',
      whole.replace('"version":1', '"version":2'),
      whole.replace('20', '-20'),
      whole.replace('"tokens":1', '"tokens":2'),
      whole.replace('"tokens":8', '"tokens":1'),
      whole.replace('70.5', '"slow"'),
    ];
    for (const text of damaged) {
      await writeFile(path, text);
      expect(readBatchCurve(path, key), text).toBeNull();
      writeBatchCurve(path, key, curve);
      expect(readBatchCurve(path, key)).toEqual(curve);
    }
  });

  it('does without a file where none can be written', async () => {
    await mkdir(path);
    writeBatchCurve(path, key, curve);
    expect(readBatchCurve(path, key)).toBeNull();
    expect(await readdir(folder.path)).toEqual(['model.gguf.batchCost.json']);
  });
});
