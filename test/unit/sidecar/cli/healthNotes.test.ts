import { expect, it } from 'vitest';
import { HealthNotes } from '../../../../sidecar/cli/healthNotes.ts';

it('notes of a model that serves are said once, and none before it serves', () => {
  const notes = new HealthNotes();
  const ready = (said: readonly string[]) =>
    notes.unsaid({ state: 'ready', modelName: 'tiny', backend: 'CPU', contextTokens: 8, notes: said });
  expect(notes.unsaid({ state: 'loading', modelName: 'tiny' })).toEqual([]);
  expect(ready(['no draft'])).toEqual(['no draft']);
  expect(ready(['no draft', 'the day is spent'])).toEqual(['the day is spent']);
});

it('a state is said once, until another comes between', () => {
  const notes = new HealthNotes();
  const ready = { state: 'ready', modelName: 'tiny', backend: 'CPU', contextTokens: 8, notes: [] } as const;
  const paced = { ...ready, pace: { prefillTokensPerSecond: 90, decodeTokensPerSecond: 20 } };
  const loading = { state: 'loading', modelName: 'tiny' } as const;
  const said = [loading, ready, paced, loading, ready].map((health) => notes.unsaidState(health));
  const line = 'tiny is ready: CPU, 8 tokens of context';
  expect(said).toEqual(['loading tiny', line, null, 'loading tiny', line]);
});

it('loading is said once where it fails and is tried again', () => {
  const notes = new HealthNotes();
  const loading = { state: 'loading', modelName: 'tiny' } as const;
  const failed = { state: 'failed', error: { code: 'server.unreachable', message: '', remedy: '' } } as const;
  expect([loading, failed, loading].map((health) => notes.unsaidState(health))).toEqual([
    'loading tiny',
    null,
    null,
  ]);
});
