import { appendFile, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { readGgufHeader } from '../../../../sidecar/gguf/readGgufHeader.ts';
import { measurementOf } from '../../../../sidecar/layerSkip/measurementOf.ts';
import { pruningSha256 } from '../../../../sidecar/layerSkip/pruningRecord.ts';
import {
  profileVersion,
  type SkipMeasurement,
  type SkipProfile,
} from '../../../../sidecar/layerSkip/skipProfile.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';
import { int32ArrayValue, tinyModelBytes } from '../../../support/modelFiles/tinyModel.ts';

const profileOf = (...measurements: readonly SkipMeasurement[]): SkipProfile => ({
  version: profileVersion,
  sourceSha256: 'a'.repeat(64),
  sourceName: 'whole.gguf',
  measurements,
});

/** A model file that says it was pruned of a block. */
const without = (block: number): Uint8Array =>
  tinyModelBytes({ metadata: new Map([['entropane.prune.dropped_blocks', int32ArrayValue([block])]]) });

const fileAt = async (file: string) => ({
  path: file,
  pruningSha256: pruningSha256(await readGgufHeader(file)),
});

async function measure(file: string): Promise<SkipMeasurement> {
  return {
    path: file,
    sizeBytes: without(3).byteLength,
    pruningSha256: pruningSha256(await readGgufHeader(file)),
    droppedBlocks: [3],
    isHealed: false,
    measuredAt: '2026-01-01T00:00:00.000Z',
    machine: 'here',
    textSha256: 'text',
    decodeSpeed: { median: 1.2, low: 1.15, high: 1.25, rounds: 9 },
    quality: { tokenCount: 9, perplexityRatio: 1.1, greedyAgreement: 0.9, kinds: {} },
    draftAcceptance: null,
    filledLines: null,
  };
}

describe('what was measured of a file', () => {
  test('is found by whatever path leads to it, the latest first', async () => {
    await using folder = await temporaryFolder();
    await mkdir(path.join(folder.path, 'models'));
    const file = path.join(folder.path, 'models', 'small.gguf');
    await writeFile(file, without(3));
    await symlink(path.join(folder.path, 'models'), path.join(folder.path, 'link'));
    const linked = path.join(folder.path, 'link', 'small.gguf');
    const [late, early] = [await measure(linked), await measure(file)];
    expect(await measurementOf(profileOf(late, early), await fileAt(file), 'here')).toBe(late);
    expect(await measurementOf(profileOf(early), await fileAt(linked), 'here')).toBe(early);
  });

  test('is nothing for another file, another machine, or a file that is longer now or gone', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'small.gguf');
    const other = path.join(folder.path, 'other.gguf');
    await writeFile(file, without(3));
    await writeFile(other, without(3));
    const profile = profileOf(await measure(file));
    const found = await fileAt(file);
    expect(await measurementOf(profile, found, 'here')).not.toBeNull();
    expect(await measurementOf(profile, await fileAt(other), 'here')).toBeNull();
    expect(await measurementOf(profile, found, 'elsewhere')).toBeNull();
    await appendFile(file, '!');
    expect(await measurementOf(profile, found, 'here')).toBeNull();
    await rm(file);
    expect(await measurementOf(profile, found, 'here')).toBeNull();
  });

  test('is nothing for a file of the same size that was pruned otherwise in its place', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'small.gguf');
    await writeFile(file, without(3));
    const profile = profileOf(await measure(file));
    await writeFile(file, without(2));
    expect(await measurementOf(profile, await fileAt(file), 'here')).toBeNull();
    await writeFile(file, without(3));
    expect(await measurementOf(profile, await fileAt(file), 'here')).not.toBeNull();
  });
});
