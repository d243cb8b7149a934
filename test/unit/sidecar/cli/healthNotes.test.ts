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
