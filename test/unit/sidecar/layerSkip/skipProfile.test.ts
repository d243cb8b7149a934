import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { summarizeRatios } from '../../../../lab/prune/decodeSpeed.ts';
import { encodePlan, parsePlan } from '../../../../lab/prune/planFile.ts';
import type { PrunePlan } from '../../../../lab/prune/prunePlan.ts';
import {
  couldPay,
  directVerdict,
  draftVerdict,
  parseSkipProfile,
  type SkipMeasurement,
} from '../../../../sidecar/layerSkip/skipProfile.ts';
import { SkipProfileStore } from '../../../../sidecar/layerSkip/skipProfileStore.ts';
import { systemClock } from '../../../../sidecar/process/clock.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

const quality = {
  tokenCount: 100,
  perplexityRatio: 1.1,
  greedyAgreement: 0.92,
  kinds: { infill: { tokenCount: 100, perplexityRatio: 1.1, greedyAgreement: 0.92 } },
};
const measurement: SkipMeasurement = {
  path: '/models/small.gguf',
  sizeBytes: 1000,
  pruningSha256: 'b'.repeat(64),
  droppedBlocks: [3],
  isHealed: true,
  measuredAt: '2026-01-01T00:00:00.000Z',
  machine: 'A processor, 2 threads',
  textSha256: 'text',
  decodeSpeed: { median: 1.2, low: 1.15, high: 1.25, rounds: 9 },
  quality,
  draftAcceptance: null,
  filledLines: { smaller: 0.7, whole: 0.72, lines: 150 },
};
const source = { sha256: 'a'.repeat(64), name: 'whole.gguf' };

describe('whether a smaller model pays', () => {
  const filling = (smaller: number, whole: number, lines: number) =>
    directVerdict({ ...measurement, filledLines: { smaller, whole, lines } }).finding;

  test('by itself where it is faster and fills in as many lines, up to 2 points', () => {
    expect(directVerdict(measurement).finding).toBe('pays');
    expect(filling(0.75, 0.77, 100)).toBe('pays');
    expect(filling(0.8, 0.77, 100)).toBe('pays');
    expect(filling(0.74, 0.77, 100)).toBe('doesNotPay');
  });

  test('not as the healed copy without block 8, which agrees on 0.92 of the tokens and fills in 13 points less', () => {
    expect(filling(0.64, 0.77, 150)).toBe('doesNotPay');
  });

  test('not where its speed may be chance', () => {
    const slow = { ...measurement, decodeSpeed: { ...measurement.decodeSpeed, low: 1.01 } };
    expect(directVerdict(slow).finding).toBe('doesNotPay');
    expect(directVerdict({ ...slow, filledLines: null }).finding).toBe('doesNotPay');
  });

  test('is not shown by agreement alone, which can only rule a copy out', () => {
    const unfilled = { ...measurement, filledLines: null };
    expect(directVerdict(unfilled).finding).toBe('notShown');
    const other = { ...unfilled, quality: { ...quality, greedyAgreement: 0.7 } };
    expect(directVerdict(other).finding).toBe('doesNotPay');
  });

  test('is shown by no lines at all as little as by lines that were not measured', () => {
    expect(filling(0, 0, 0)).toBe('notShown');
  });

  test('in no use where it is hardly faster, which speed alone tells', () => {
    const at = (speed: number) => ({ median: speed, low: speed, high: speed, rounds: 9 });
    expect(couldPay(at(1.03))).toBe(false);
    expect(couldPay(at(1.1))).toBe(true);
    expect(couldPay({ ...at(1.1), low: 1.03 })).toBe(true);
    expect(couldPay({ ...at(1.04), high: 1.2 })).toBe(false);
  });

  test('as a draft only where even free checking would gain: 1.92 tokens for 1 + 1/1.2 steps do not', () => {
    expect(draftVerdict(measurement)).toMatchObject({ pays: false });
    const quick = { ...measurement, decodeSpeed: { ...measurement.decodeSpeed, median: 3 } };
    expect(draftVerdict(quick).pays).toBe(true);
    expect(draftVerdict({ ...quick, draftAcceptance: 0.2 }).pays).toBe(false);
  });
});

describe('a skip profile', () => {
  test('keeps the latest of each file and machine', async () => {
    await using folder = await temporaryFolder();
    const store = new SkipProfileStore(folder.path, systemClock);
    expect(await store.read(source.sha256)).toBeNull();
    await store.add(source, measurement);
    await store.add(source, { ...measurement, path: '/models/other.gguf' });
    const again = { ...measurement, measuredAt: '2026-02-01T00:00:00.000Z' };
    expect((await store.add(source, again)).measurements).toHaveLength(2);
    const read = await store.read(source.sha256);
    expect(read?.sourceName).toBe('whole.gguf');
    expect(read?.measurements[0]).toEqual(again);
    expect(await readdir(path.join(folder.path, 'skipProfiles'))).toEqual([`${source.sha256}.json`]);
  });

  test('keeps what several add at the same time', async () => {
    await using folder = await temporaryFolder();
    const paths = Array.from({ length: 8 }, (_, i) => `/models/${i}.gguf`);
    // Each with a store of its own, as processes have.
    await Promise.all(
      paths.map((file) =>
        new SkipProfileStore(folder.path, systemClock).add(source, { ...measurement, path: file }),
      ),
    );
    const kept = await new SkipProfileStore(folder.path, systemClock).read(source.sha256);
    expect(kept?.measurements.map(({ path: file }) => file).toSorted()).toEqual(paths);
  });

  test('that cannot be read counts as none, and never fails', async () => {
    await using folder = await temporaryFolder();
    await mkdir(path.join(folder.path, 'skipProfiles'));
    await writeFile(path.join(folder.path, 'skipProfiles', `${source.sha256}.json`), '{"version": 1, "sou');
    expect(await new SkipProfileStore(folder.path, systemClock).read(source.sha256)).toBeNull();
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseSkipProfile(text, source.sha256)).toBeNull();
      }),
    );
  });

  test('leaves out a measurement that lacks something, and keeps the others', () => {
    const text = JSON.stringify({
      version: 1,
      sourceSha256: source.sha256,
      sourceName: 'whole.gguf',
      measurements: [{ ...measurement, quality: { tokenCount: 1 } }, measurement, 7],
    });
    expect(parseSkipProfile(text, source.sha256)?.measurements).toEqual([measurement]);
    expect(parseSkipProfile(text, 'another')).toBeNull();
  });

  test('refuses a folder that cannot be made', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'file');
    await writeFile(file, '');
    await expect(new SkipProfileStore(file, systemClock).add(source, measurement)).rejects.toMatchObject({
      code: 'store.unwritable',
    });
  });
});

describe('ratios of several rounds', () => {
  test('are told as median and quartiles', () => {
    expect(summarizeRatios([4, 1, 3, 2, 5])).toEqual({ median: 3, low: 2, high: 4, rounds: 5 });
    expect(summarizeRatios([1, 2]).median).toBe(1.5);
  });
});

describe('a plan file', () => {
  const plan: PrunePlan = {
    sourceSha256: source.sha256,
    blockCount: 6,
    droppedBlocks: [2, 4],
    choice: { type: 'loss' },
    measured: { textSha256: 'text', seed: 3, scores: [null, 0.2, 0.1, null, 0.1, null], quality },
  };

  test('gives the plan back', () => {
    expect(parsePlan(encodePlan(plan), 'plan.json')).toEqual(plan);
    const bare: PrunePlan = { ...plan, measured: undefined };
    expect(parsePlan(encodePlan(bare), 'plan.json')).toEqual(bare);
  });

  test.each([
    ['no JSON', '{"version": 1'],
    ['a list', '[]'],
    ['a later version', JSON.stringify({ ...plan, version: 2 })],
    ['blocks that are not there', JSON.stringify({ ...plan, version: 1, droppedBlocks: [6] })],
    ['words for blocks', JSON.stringify({ ...plan, version: 1, droppedBlocks: ['two'] })],
    ['an unknown choice', JSON.stringify({ ...plan, version: 1, choice: { type: 'guess' } })],
    ['a measurement in part', JSON.stringify({ ...plan, version: 1, measured: { seed: 1 } })],
  ])('is refused when it is %s', (_, text) => {
    expect(() => parsePlan(text, 'plan.json')).toThrow(expect.objectContaining({ code: 'plan.invalid' }));
  });

  test('is a plan or refused with a code, whatever is in it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(() => parsePlan(text, 'plan.json')).toThrow(expect.objectContaining({ code: 'plan.invalid' }));
      }),
    );
  });
});
