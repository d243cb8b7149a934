import { expect, test, vi } from 'vitest';
import { toCodedError } from '../../../../../../protocol/codedError.ts';
import { examineSidecar } from '../../../../../../sidecar/doctor/examineSidecar.ts';
import { openNativeRuntime } from '../../../../../../sidecar/engine/llama/native/nativeRuntime.ts';
import { checkRequestedGpu, gpuChoices } from '../../../../../../sidecar/engine/llama/native/requestedGpu.ts';
import { machineTrials } from '../../../../../../sidecar/modelHosting/machineTrials.ts';
import { defaultSettings } from '../../../../../../sidecar/validation/sidecarSettings.ts';
import { ManualClock } from '../../../../../support/machine/manualClock.ts';
import { temporaryFolder } from '../../../../../support/machine/temporaryFolder.ts';

test('what names a build, and nothing, is fine', () => {
  for (const value of [undefined, '', ...gpuChoices]) checkRequestedGpu({ ENTROPANE_GPU: value });
});

test('llama.cpp is not loaded for a GPU that does not exist', () => {
  vi.stubEnv('ENTROPANE_GPU', 'banana');
  let thrown: unknown = null;
  try {
    openNativeRuntime(import.meta.dirname);
  } catch (error) {
    thrown = error;
  }
  const { code, message, remedy } = toCodedError(thrown);
  expect(code).toBe('parameter.invalid');
  expect(message).toContain('"banana"');
  for (const choice of gpuChoices) expect(remedy).toContain(choice);
});

test('the doctor says so', async () => {
  await using folder = await temporaryFolder();
  const location = {
    bundleFolder: import.meta.dirname,
    environment: { ENTROPANE_HOME: folder.path, ENTROPANE_GPU: 'banana' },
    clock: new ManualClock(),
  };
  const trials = machineTrials({ ...location, storePath: '', log: () => undefined });
  const { findings } = await examineSidecar(
    { ...location, trials, advise: () => Promise.resolve({ text: '', checks: [] }) },
    {
      settings: defaultSettings,
      health: { state: 'starting' },
      speeds: { questions: null, completions: null },
    },
  );
  const found = findings.find(({ subject }) => subject === 'llama.cpp');
  expect(found).toMatchObject({ status: 'missing', detail: expect.stringContaining('"banana"') as string });
});
