import { describe, expect, it } from 'vitest';
import type { ModelHealth } from '../../../../protocol/health.ts';
import { listedModels, ModelSpeeds } from '../../../../sidecar/app/modelList.ts';

const installed = ['large', 'small', 'other'].map((name) => ({
  name,
  description: '',
  license: null,
  path: `/store/${name}.gguf`,
  sizeBytes: 1,
  sha256: null,
  verified: true,
}));
const absent = {
  ...installed[0],
  name: 'absent',
  path: null,
  description: '',
  license: null,
  sizeBytes: 1,
  sha256: null,
  verified: false,
};

/** Nothing was measured, and nothing is recommended. */
const unjudged = { judged: [], advice: { questions: null, completions: null }, memoryBytes: 8e9 };

function ready(modelName: string): ModelHealth {
  return { state: 'ready', modelName, backend: 'CPU', contextTokens: 4096, notes: [] };
}

describe('the list of models', () => {
  it('has the role, the state and the speed of each', () => {
    const speeds = new ModelSpeeds();
    speeds.note('large', 17);
    // A file that was never hashed goes by its own name.
    speeds.note('small.gguf', 52);
    speeds.note('other', null);
    const listed = listedModels([...installed, absent], {
      rolePaths: { questions: '/store/large.gguf', completions: '/store/small.gguf' },
      health: { state: 'unloaded', modelName: 'large', cause: 'unused', completions: ready('small') },
      speeds,
      ...unjudged,
    });
    expect(listed).toMatchObject([
      { name: 'large', roles: ['questions'], state: 'unloaded', tokensPerSecond: 17 },
      { name: 'small', roles: ['completions'], state: 'ready', tokensPerSecond: 52 },
      { name: 'other', roles: [], state: null, tokensPerSecond: null },
      { name: 'absent', roles: [], state: null, tokensPerSecond: null },
    ]);
  });

  it('has the outlook of each, and what it is recommended for', () => {
    const judged = installed.map(({ name }, index) => ({
      name,
      isHere: true,
      pace: { prefillTokensPerSecond: 100, decodeTokensPerSecond: 10 },
      isMeasured: index === 0,
      memoryBytes: 6e9 * (index + 1),
      worth: 1,
      serves: [],
    }));
    const listed = listedModels(installed, {
      rolePaths: { questions: null, completions: null },
      health: { state: 'starting' },
      speeds: new ModelSpeeds(),
      judged,
      advice: { questions: 'large', completions: 'small' },
      memoryBytes: 8e9,
    });
    expect(listed).toMatchObject([
      { outlook: { isMeasured: true, fits: true }, recommendedFor: ['questions'] },
      { outlook: { isMeasured: false, fits: false }, recommendedFor: ['completions'] },
      { recommendedFor: [] },
    ]);
  });

  it('gives one model both roles', () => {
    const listed = listedModels(installed, {
      rolePaths: { questions: '/store/large.gguf', completions: '/store/large.gguf' },
      health: ready('large'),
      speeds: new ModelSpeeds(),
      ...unjudged,
    });
    expect(listed.map(({ roles }) => roles)).toEqual([['questions', 'completions'], [], []]);
  });

  it('leaves a file that is not here without a role', () => {
    const listed = listedModels([absent], {
      rolePaths: { questions: null, completions: null },
      health: { state: 'starting' },
      speeds: new ModelSpeeds(),
      ...unjudged,
    });
    expect(listed[0]?.roles).toEqual([]);
  });
});
