import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isSteady, nothingMeasured, paceOf } from '../../../../../sidecar/engine/speeds/measuredSpeeds.ts';
import {
  newestSpeeds,
  SpeedFile,
  type SpeedKey,
  speedFilePathOf,
} from '../../../../../sidecar/engine/speeds/speedFile.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../../support/machine/temporaryFolder.ts';

const curve = [
  { tokens: 1, durationMs: 20 },
  { tokens: 8, durationMs: 70.5 },
];
const key: SpeedKey = {
  modelHash: 'f0ed',
  requestedThreads: 0,
  machine: 'AMD EPYC, 2 threads',
  backend: 'CPU (zen4)',
  release: '0.5.0',
};
const everything = {
  threads: { decode: 2, prefill: 4 },
  curve,
  isCurveSteady: true,
  sequences: [{ tokens: 1, durationMs: 21 }],
  prefillMsPerToken: 4.5,
  loadedBytes: 600_000_000,
};

let folder: TemporaryFolder;
let model: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  model = join(folder.path, 'model.gguf');
});
afterEach(() => folder[Symbol.asyncDispose]());

describe('kept speeds', () => {
  it('come back for what they were measured on, and for nothing else', () => {
    new SpeedFile(model, key).keep(everything);
    expect(new SpeedFile(model, key).read()).toEqual(everything);
    const others: readonly Partial<SpeedKey>[] = [
      { modelHash: 'beef' },
      { requestedThreads: 4 },
      { machine: 'AMD EPYC, 4 threads' },
      { backend: 'CUDA0' },
      { release: '0.5.1' },
    ];
    for (const change of others) {
      expect(new SpeedFile(model, { ...key, ...change }).read(), JSON.stringify(change)).toEqual(
        nothingMeasured,
      );
    }
  });

  it('are kept part by part, and a part takes the place of the one before', async () => {
    const file = new SpeedFile(model, key);
    const other = new SpeedFile(model, { ...key, requestedThreads: 2 });
    file.keep({ curve });
    other.keep({ curve });
    file.keep({ prefillMsPerToken: 4 });
    file.keep({ prefillMsPerToken: 5 });
    expect(file.read()).toEqual({ ...nothingMeasured, curve, prefillMsPerToken: 5 });
    expect(other.read()).toEqual({ ...nothingMeasured, curve });
    expect(await readdir(folder.path)).toEqual(['model.gguf.speeds.json']);
  });

  it('lose a curve that was disturbed, and nothing else', () => {
    const file = new SpeedFile(model, key);
    file.keep(everything);
    file.keep({ curve: null });
    expect(file.read()).toEqual({ ...everything, curve: null });
  });

  it('count as never measured where the file is damaged, part by part', async () => {
    const file = new SpeedFile(model, key);
    file.keep(everything);
    const whole = await readFile(speedFilePathOf(model), 'utf8');
    const damaged = [
      whole.slice(0, whole.length / 2),
      '',
      '[]',
      'null',
      whole.replace('"version":1', '"version":2'),
    ];
    for (const text of damaged) {
      await writeFile(speedFilePathOf(model), text);
      expect(file.read(), text).toEqual(nothingMeasured);
    }
    const parts = [
      [whole.replace('70.5', '-1'), 'curve'],
      [whole.replace('"tokens":8', '"tokens":1'), 'curve'],
      [whole.replace('70.5', '"slow"'), 'curve'],
      [whole.replace('"tokens":1,"durationMs":21', '"tokens":2,"durationMs":21'), 'sequences'],
      [whole.replace('"decode":2', '"decode":0.5'), 'threads'],
      [whole.replace('4.5', '0'), 'prefillMsPerToken'],
      [whole.replace('600000000', 'null'), 'loadedBytes'],
    ] as const;
    for (const [text, part] of parts) {
      await writeFile(speedFilePathOf(model), text);
      expect(file.read(), part).toEqual({ ...everything, [part]: null });
    }
  });

  it('use up what a killed writer left', async () => {
    await writeFile(`${speedFilePathOf(model)}.part`, '{"version":1,"rec');
    new SpeedFile(model, key).keep(everything);
    expect(new SpeedFile(model, key).read()).toEqual(everything);
    expect(await readdir(folder.path)).toEqual(['model.gguf.speeds.json']);
  });

  it('do without a file where none can be written', async () => {
    await mkdir(speedFilePathOf(model));
    new SpeedFile(model, key).keep(everything);
    expect(new SpeedFile(model, key).read()).toEqual(nothingMeasured);
    expect(await readdir(folder.path)).toEqual(['model.gguf.speeds.json']);
  });
});

describe('the newest speeds of a file', () => {
  it('are those of this machine and release, with the threads that nobody asked for', () => {
    expect(newestSpeeds(model, key)).toBeNull();
    new SpeedFile(model, key).keep({ prefillMsPerToken: 1 });
    new SpeedFile(model, { ...key, requestedThreads: 1 }).keep({ prefillMsPerToken: 2 });
    new SpeedFile(model, { ...key, machine: 'another' }).keep({ prefillMsPerToken: 3 });
    expect(newestSpeeds(model, key)?.prefillMsPerToken).toBe(1);
    expect(newestSpeeds(model, { ...key, release: '0.6.0' })).toBeNull();
    expect(newestSpeeds(model, { ...key, modelHash: 'beef' })).toBeNull();
  });
});

describe('the pace', () => {
  it('is known once reading and writing were measured, by a curve before sequences', () => {
    expect(paceOf({ ...everything, prefillMsPerToken: null })).toBeNull();
    expect(paceOf({ ...everything, curve: null, sequences: null })).toBeNull();
    expect(paceOf(everything)).toEqual({ prefillTokensPerSecond: 1000 / 4.5, decodeTokensPerSecond: 50 });
    for (const change of [{ curve: null }, { isCurveSteady: false }])
      expect(paceOf({ ...everything, ...change })?.decodeTokensPerSecond).toBeCloseTo(1000 / 21, 5);
  });

  it('counts of a measurement only what had the processor to itself', () => {
    expect(isSteady({ durationMs: 100, processorMs: 190 }, 2)).toBe(true);
    expect(isSteady({ durationMs: 100, processorMs: 110 }, 2)).toBe(false);
    expect(isSteady({ durationMs: 100, processorMs: 110 }, 1)).toBe(true);
  });
});
