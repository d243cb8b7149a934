import { describe, expect, it } from 'vitest';
import { modelRows, noSpeeds, speedsAfter } from '../../../../extension/statusBar/modelRows.ts';
import type { Health, ModelHealth } from '../../../../protocol/health.ts';

function ready(modelName: string): ModelHealth {
  return { state: 'ready', modelName, backend: 'CPU', contextTokens: 4096, notes: [] };
}

const both: Health = { ...ready('large'), completions: ready('small') };

describe('the rows of models', () => {
  it('are one where one model does everything, with the speed that was seen last', () => {
    const role = 'Questions and completions';
    expect(modelRows(ready('large'), noSpeeds)).toEqual([{ role, text: 'large, ready on CPU' }]);
    expect(modelRows(ready('large'), { questions: 17, completions: null })).toEqual([
      { role, text: 'large, ready on CPU, 17 tok/s' },
    ]);
  });

  it('are one a role where two models serve', () => {
    const rows = modelRows({ ...both, completions: { state: 'loading', modelName: 'small' } }, noSpeeds);
    expect(rows.map(({ role, text }) => `${role}: ${text}`)).toEqual([
      'Questions: large, ready on CPU',
      'Completions: small, loading',
    ]);
  });

  it('say what is wrong with a model', () => {
    const error = { code: 'model.missing', message: 'It is not here.', remedy: 'Fetch it.' } as const;
    expect(modelRows({ state: 'noModel', error, completions: ready('small') }, noSpeeds)[0]?.text).toBe(
      'no model: It is not here.',
    );
  });
});

describe('speeds', () => {
  const speeds = { questions: 17, completions: 52 };

  it('stay while their models do', () => {
    const unloaded: Health = {
      state: 'unloaded',
      modelName: 'large',
      cause: 'memory',
      completions: ready('small'),
    };
    expect(speedsAfter(speeds, both, unloaded)).toEqual(speeds);
  });

  it('are forgotten with the model that they were measured on, in its role alone', () => {
    expect(speedsAfter(speeds, both, { ...ready('larger'), completions: ready('small') })).toEqual({
      questions: null,
      completions: 52,
    });
    expect(speedsAfter(speeds, both, ready('large'))).toEqual({ questions: 17, completions: null });
  });
});
