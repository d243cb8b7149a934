import { readdir, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { CodedError } from '../../../../protocol/codedError.ts';
import { examineMachine } from '../../../../sidecar/doctor/examineMachine.ts';
import { llamaVersion } from '../../../../sidecar/engine/llama/native/libraryLocation.ts';
import type { FileTrials } from '../../../../sidecar/engine/llama/trial/fileTrials.ts';
import { fileKeyOf } from '../../../../sidecar/storage/fileKey.ts';
import { machineTrials } from '../../../../sidecar/modelHosting/machineTrials.ts';
import { TrialRecords } from '../../../../sidecar/models/trialRecords.ts';
import { systemClock } from '../../../../sidecar/process/clock.ts';
import { smallStore } from '../../../support/download/modelSource.ts';
import { noSandbox } from '../../../support/verify/isolation.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

function trialsIn(storePath: string): FileTrials {
  return machineTrials({
    bundleFolder: storePath,
    storePath,
    environment: {},
    clock: systemClock,
    log: () => undefined,
  });
}

test('a machine without anything is told about each, and left as it was', async () => {
  await using home = await temporaryFolder();
  const { findings } = await examineMachine({
    models: smallStore({ storePath: path.join(home.path, 'store') }),
    trials: trialsIn(path.join(home.path, 'store')),
    wantedModel: 'small',
    advise: () => Promise.resolve({ text: '', checks: [] }),
    inspectSandbox: () => Promise.resolve(noSandbox),
    inspectLibrary: () => Promise.reject(new CodedError('library.missing', 'Not here.', 'Install it.')),
  });
  const statusOf = (subject: string) => findings.find((finding) => finding.subject === subject)?.status;
  expect(statusOf('llama.cpp')).toBe('missing');
  expect(statusOf('Model')).toBe('missing');
  expect(statusOf('Node')).toBe('ok');
  expect(statusOf('Sandbox')).toBe('degraded');
  expect(findings.find((finding) => finding.subject === 'Store')?.detail).toContain(home.path);
  expect(await readdir(home.path)).toEqual([]);
});

test('a library that cannot be looked at does not end the examination', async () => {
  await using home = await temporaryFolder();
  const { findings } = await examineMachine({
    models: smallStore({ storePath: home.path }),
    trials: trialsIn(home.path),
    wantedModel: '/nowhere/model.gguf',
    advise: () => Promise.resolve({ text: '', checks: [] }),
    inspectSandbox: () => Promise.resolve(noSandbox),
    inspectLibrary: () => Promise.reject(new Error('no coded error')),
  });
  expect(findings).toHaveLength(9);
});

test('a model whose trial load failed is named with the reason and the way to try it again', async () => {
  await using home = await temporaryFolder();
  const file = path.join(await realpath(home.path), 'own.gguf');
  await writeFile(file, 'a model');
  const subject = { file: await fileKeyOf(file), base: null, release: llamaVersion };
  const verdict = { type: 'quarantined', how: 'signal SIGABRT: the vocabulary is wrong' } as const;
  await new TrialRecords(home.path, systemClock).keep(subject, verdict);
  const { findings } = await examineMachine({
    models: smallStore({ storePath: home.path }),
    trials: trialsIn(home.path),
    wantedModel: file,
    advise: () => Promise.resolve({ text: '', checks: [] }),
    inspectSandbox: () => Promise.resolve(noSandbox),
    inspectLibrary: () => Promise.reject(new Error('of no interest')),
  });
  const found = findings.find((finding) => finding.subject === 'Model');
  expect(found?.status).toBe('missing');
  expect(found?.detail).toContain(verdict.how);
  expect(found?.remedy).toContain(`models release ${file}`);
});
