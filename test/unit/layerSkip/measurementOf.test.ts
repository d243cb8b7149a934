import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { measurementOf } from '../../../sidecar/layerSkip/measurementOf.ts';
import {
  profileVersion,
  type SkipMeasurement,
  type SkipProfile,
} from '../../../sidecar/layerSkip/skipProfile.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const measurement: SkipMeasurement = {
  path: '',
  sizeBytes: 3,
  droppedBlocks: [3],
  isHealed: true,
  measuredAt: '2026-01-01T00:00:00.000Z',
  machine: 'here',
  textSha256: 'text',
  decodeSpeed: { median: 1.2, low: 1.15, high: 1.25, rounds: 9 },
  quality: { tokenCount: 9, perplexityRatio: 1.1, greedyAgreement: 0.9, kinds: {} },
  draftAcceptance: null,
  filledLines: null,
};
const profileOf = (...measurements: readonly SkipMeasurement[]): SkipProfile => ({
  version: profileVersion,
  sourceSha256: 'a'.repeat(64),
  sourceName: 'whole.gguf',
  measurements,
});

describe('what was measured of a file', () => {
  test('is found by whatever path leads to it, the latest first', async () => {
    await using folder = await temporaryFolder();
    await mkdir(path.join(folder.path, 'models'));
    const file = path.join(folder.path, 'models', 'small.gguf');
    await writeFile(file, 'abc');
    await symlink(path.join(folder.path, 'models'), path.join(folder.path, 'link'));
    const linked = path.join(folder.path, 'link', 'small.gguf');
    const [late, early] = [
      { ...measurement, path: linked },
      { ...measurement, path: file },
    ];
    expect(await measurementOf(profileOf(late, early), file, 'here')).toBe(late);
    expect(await measurementOf(profileOf(early), linked, 'here')).toBe(early);
  });

  test('is nothing for another file, another size, another machine, or a file that is gone', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'small.gguf');
    const other = path.join(folder.path, 'other.gguf');
    await writeFile(file, 'abc');
    await writeFile(other, 'abc');
    const profile = profileOf({ ...measurement, path: file });
    expect(await measurementOf(profile, file, 'here')).not.toBeNull();
    expect(await measurementOf(profile, other, 'here')).toBeNull();
    expect(await measurementOf(profile, file, 'elsewhere')).toBeNull();
    expect(await measurementOf(profile, path.join(folder.path, 'gone.gguf'), 'here')).toBeNull();
    await writeFile(file, 'abcd');
    expect(await measurementOf(profile, file, 'here')).toBeNull();
  });
});
