import { describe, expect, it } from 'vitest';
import { healthOf } from '../../../../extension/engine/engineState.ts';

describe('healthOf', () => {
  it('is what the sidecar says while it answers', () => {
    const health = { state: 'loading', modelName: 'tiny' } as const;
    expect(healthOf({ type: 'running', profile: 'normal', health, restartNote: null })).toBe(health);
  });

  it('is "starting" as long as something is about to start it', () => {
    expect(healthOf({ type: 'launching', profile: 'safe', restartNote: null })).toEqual({
      state: 'starting',
    });
    expect(healthOf({ type: 'waiting', delayMs: 250, exit: 'was ended' })).toEqual({ state: 'starting' });
  });

  it('says in every state that shows words why the engine was restarted', () => {
    const restartNote = 'The engine did not answer for 10 s and was restarted.';
    const error = { code: 'model.missing', message: 'No model.', remedy: 'Get one.' } as const;
    const ready = {
      state: 'ready',
      modelName: 'tiny',
      backend: 'CPU',
      contextTokens: 64,
      notes: [],
    } as const;
    for (const health of [{ state: 'failed', error }, { state: 'noModel', error }, ready] as const) {
      const shown = healthOf({ type: 'running', profile: 'safe', health, restartNote });
      expect(JSON.stringify(shown)).toContain(restartNote);
    }
  });

  it('is a failure that a restart mends once nothing is', () => {
    const health = healthOf({ type: 'stopped', why: 'It ended four times.' });
    expect(health).toMatchObject({
      state: 'failed',
      error: { code: 'sidecar.gone', message: 'It ended four times.' },
    });
  });
});
