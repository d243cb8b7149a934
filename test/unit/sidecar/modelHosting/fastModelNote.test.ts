import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { fastModelNote } from '../../../../sidecar/modelHosting/fastModelNote.ts';
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
