import { describe, expect, it } from 'vitest';
import { healthOf } from '../../../../extension/engine/engineState.ts';

describe('healthOf', () => {
  it('is what the sidecar says while it answers', () => {
    const health = { state: 'loading', modelName: 'tiny' } as const;
    expect(healthOf({ type: 'running', profile: 'normal', health })).toBe(health);
  });

  it('is "starting" as long as something is about to start it', () => {
    expect(healthOf({ type: 'launching', profile: 'safe' })).toEqual({ state: 'starting' });
    expect(healthOf({ type: 'waiting', delayMs: 250, exit: 'was ended' })).toEqual({ state: 'starting' });
  });

  it('is a failure that a restart mends once nothing is', () => {
    const health = healthOf({ type: 'stopped', why: 'It ended four times.' });
    expect(health).toMatchObject({
      state: 'failed',
      error: { code: 'sidecar.gone', message: 'It ended four times.' },
    });
  });
});
