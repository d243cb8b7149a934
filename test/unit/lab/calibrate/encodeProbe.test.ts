import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { encodeProbe } from '../../../../lab/calibrate/encodeProbe.ts';
import { classify, initialNetwork } from '../../../../lab/calibrate/probeNetwork.ts';
import {
  foldStandardisation,
  standardisationOf,
  standardised,
} from '../../../../lab/calibrate/standardise.ts';
import { scriptBySequence } from '../../../../sidecar/engine/scripted/script.ts';
import { uniformAt } from '../../../../sidecar/numeric/random.ts';
import { entropyRule, uncalibratedThresholds } from '../../../../sidecar/reasoning/difficulty/entropyRule.ts';
import { readOnnxMetadata } from '../../../../sidecar/reasoning/difficulty/onnxMetadata.ts';
import {
  loadProbe,
  probeMetadataKeys,
  probePath,
  probeVersion,
} from '../../../../sidecar/reasoning/difficulty/probe.ts';
import { scriptedModel } from '../../../support/engine/scriptedRequest.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

const hiddenSize = 300;
const states = Array.from({ length: 12 }, (_, row) =>
  Float32Array.from({ length: hiddenSize }, (_unused, i) => 20 * (uniformAt(1, row, i) - 0.4)),
);

test('a written probe gives the probabilities of the network, and the metadata back', async () => {
  await using folder = await temporaryFolder();
  const model = await scriptedModel(scriptBySequence([]), { local: { hiddenSize } });
  const standardisation = standardisationOf(states);
  const network = initialNetwork(hiddenSize, 24, 5);
  const folded = foldStandardisation(network, standardisation);
  const metadata = new Map([
    [probeMetadataKeys.modelHash, model.info.identity.hash],
    [probeMetadataKeys.hiddenSize, String(hiddenSize)],
    [probeMetadataKeys.version, String(probeVersion)],
    [
      'note',
      'ä — longer than a hundred and twenty-eight bytes, so that its length takes two groups: '.repeat(2),
    ],
  ]);
  const bytes = encodeProbe(folded, metadata);
  expect(readOnnxMetadata(bytes)).toEqual(metadata);
  expect(encodeProbe(folded, metadata)).toEqual(bytes);
  await mkdir(folder.path, { recursive: true });
  await writeFile(probePath(folder.path, model.info), bytes);
  const { probe, note } = await loadProbe(folder.path, model.info, entropyRule(uncalibratedThresholds));
  expect(note).toBeNull();
  for (const promptState of states) {
    const estimate = await probe?.estimate({ probePrefixEntropyNats: [], hasEnded: false, promptState });
    expect(estimate?.source).toBe('probe');
    // onnxruntime beside the forward pass of this program, and that beside the network before the fold.
    classify(folded, promptState).forEach((probability, index) => {
      expect(Math.abs((estimate?.probabilities?.[index] ?? 9) - probability)).toBeLessThan(1e-5);
    });
    classify(network, standardised(promptState, standardisation)).forEach((probability, index) => {
      expect(Math.abs((estimate?.probabilities?.[index] ?? 9) - probability)).toBeLessThan(1e-4);
    });
  }
  await probe?.dispose();
});

test('a probe that is cut off, or of a later version, is refused', async () => {
  await using folder = await temporaryFolder();
  const model = await scriptedModel(scriptBySequence([]), { local: { hiddenSize: 4 } });
  const rule = entropyRule(uncalibratedThresholds);
  const metadata = (version: number): ReadonlyMap<string, string> =>
    new Map([
      [probeMetadataKeys.modelHash, model.info.identity.hash],
      [probeMetadataKeys.hiddenSize, '4'],
      [probeMetadataKeys.version, String(version)],
    ]);
  const network = initialNetwork(4, 2, 1);
  const file = path.join(folder.path, path.basename(probePath(folder.path, model.info)));
  const whole = encodeProbe(network, metadata(probeVersion));
  for (let length = 0; length < whole.length; length += 9) {
    await writeFile(file, whole.subarray(0, length));
    const { probe, note } = await loadProbe(folder.path, model.info, rule);
    expect(probe, `${length} of ${whole.length} bytes`).toBeNull();
    expect(note).toContain(file);
  }
  await writeFile(file, encodeProbe(network, metadata(probeVersion + 1)));
  expect((await loadProbe(folder.path, model.info, rule)).note).toContain('newer version');
});
