import { describe, expect, it } from 'vitest';
import type { ModelHealth } from '../../../../protocol/health.ts';
import { judgeRoles } from '../../../../sidecar/doctor/judgeRoles.ts';

function ready(modelName: string, notes: readonly string[] = []): ModelHealth {
  return { state: 'ready', modelName, backend: 'CPU', contextTokens: 4096, notes };
}

const noSpeeds = { questions: null, completions: null };

describe('the roles of a running sidecar', () => {
  it('are one finding where one model has both, with its notes', () => {
    expect(judgeRoles(ready('large', ['Its note.']), { questions: 16.6, completions: null })).toEqual([
      {
        subject: 'Questions and completions',
        status: 'ok',
        detail: 'large, ready on CPU, 17 tok/s. Its note.',
        remedy: null,
      },
    ]);
  });

  it('are a finding each where two models serve', () => {
    const health = { ...ready('large'), completions: ready('small') };
    expect(judgeRoles(health, { questions: 17, completions: 52 }).map(({ detail }) => detail)).toEqual([
      'large, ready on CPU, 17 tok/s',
      'small, ready on CPU, 52 tok/s',
    ]);
  });

  it('say what to do about a model that is missing', () => {
    const error = { code: 'model.missing', message: 'It is not here.', remedy: 'Fetch it.' } as const;
    const health = { ...ready('large'), completions: { state: 'failed', error } } as const;
    expect(judgeRoles(health, noSpeeds)[1]).toMatchObject({
      subject: 'Completions',
      status: 'missing',
      remedy: 'Fetch it.',
    });
  });
});
