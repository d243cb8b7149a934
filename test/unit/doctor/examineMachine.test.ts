import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { CodedError } from '../../../protocol/codedError.ts';
import { examineMachine } from '../../../sidecar/doctor/examineMachine.ts';
import { noSandbox } from '../../support/isolation.ts';
import { smallStore } from '../../support/modelSource.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

test('a machine without anything is told about each, and left as it was', async () => {
  await using home = await temporaryFolder();
  const { findings } = await examineMachine({
    models: smallStore({ storePath: path.join(home.path, 'store') }),
    wantedModel: 'small',
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
    wantedModel: '/nowhere/model.gguf',
    inspectSandbox: () => Promise.resolve(noSandbox),
    inspectLibrary: () => Promise.reject(new Error('no coded error')),
  });
  expect(findings).toHaveLength(9);
});
