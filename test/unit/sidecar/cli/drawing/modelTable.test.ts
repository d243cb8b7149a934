import { expect, it } from 'vitest';
import type { InstalledModel, ModelOutlook } from '../../../../../protocol/messages.ts';
import { modelTable } from '../../../../../sidecar/cli/drawing/modelTable.ts';

const here: InstalledModel = {
  name: 'qwen2.5-coder-0.5b',
  description: 'Completes and answers',
  license: 'Apache-2.0',
  path: '/store/a.gguf',
  sizeBytes: 491_400_064,
  sha256: 'f0ed',
  verified: true,
};
const absent: InstalledModel = {
  ...here,
  name: 'qwen2.5-coder-7b',
  description: 'Larger',
  path: null,
  sizeBytes: null,
  sha256: null,
  verified: false,
};
const own: InstalledModel = { ...here, name: 'own.gguf', description: 'Own', license: null, verified: false };
const measured: ModelOutlook = {
  pace: { prefillTokensPerSecond: 300, decodeTokensPerSecond: 52.4 },
  isMeasured: true,
  memoryBytes: 700e6,
  fits: true,
};

it('has a row for each model: state, size, speed, memory and what it is recommended for', () => {
  const lines = modelTable(
    [here, absent, own],
    [
      measured,
      {
        pace: { prefillTokensPerSecond: 20, decodeTokensPerSecond: 4.12 },
        isMeasured: false,
        memoryBytes: 5.6e9,
        fits: false,
      },
      { pace: null, isMeasured: false, memoryBytes: null, fits: null },
    ],
    { questions: 'qwen2.5-coder-0.5b', completions: 'qwen2.5-coder-0.5b' },
  );
  expect(lines).toEqual([
    'state      model               size      speed        memory            recommended for    licence',
    'verified   qwen2.5-coder-0.5b  491.4 MB  52 tok/s     700.0 MB          questions, typing  Apache-2.0  Completes and answers (the default)',
    'not here   qwen2.5-coder-7b    ≈ 4.7 GB  ≈ 4.1 tok/s  5.6 GB, too much                     Apache-2.0  Larger',
    'unchecked  own.gguf            491.4 MB  –            –                                    unknown     Own',
  ]);
});
