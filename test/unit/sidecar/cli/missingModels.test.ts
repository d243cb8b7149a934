import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { fastModelNote, HealthNotes } from '../../../../sidecar/cli/missingModels.ts';
import { openMachineStore } from '../../../../sidecar/models/machineStore.ts';
import { ManualClock } from '../../../support/machine/manualClock.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';
import { tinyModelBytes } from '../../../support/modelFiles/tinyModel.ts';

it('a fast model that is missing or broken is said, with what that means, and one that is whole is not', async () => {
  await using folder = await temporaryFolder();
  const store = openMachineStore({ storePath: folder.path, environment: {}, clock: new ManualClock() });
  const whole = path.join(folder.path, 'whole.gguf');
  const broken = path.join(folder.path, 'broken.gguf');
  await writeFile(whole, tinyModelBytes({}));
  await writeFile(broken, 'no model at all');
  const noteOn = (fastModel: string) => fastModelNote({ fastModel }, store);
  for (const name of ['nowhere', broken])
    expect(await noteOn(name)).toMatch(/^Without a fast model, so the whole model answers everything: ./u);
  expect(await noteOn('nowhere')).toContain('nowhere');
  expect(await noteOn(whole)).toBeNull();
  expect(await noteOn('')).toBeNull();
});

it('notes of a model that serves are said once, and none before it serves', () => {
  const notes = new HealthNotes();
  const ready = (said: readonly string[]) =>
    notes.unsaid({ state: 'ready', modelName: 'tiny', backend: 'CPU', contextTokens: 8, notes: said });
  expect(notes.unsaid({ state: 'loading', modelName: 'tiny' })).toEqual([]);
  expect(ready(['no draft'])).toEqual(['no draft']);
  expect(ready(['no draft', 'the day is spent'])).toEqual(['the day is spent']);
});
