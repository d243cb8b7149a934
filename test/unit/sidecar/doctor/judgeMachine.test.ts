import { expect, test } from 'vitest';
import type { Finding } from '../../../../protocol/messages.ts';
import { judgeMachine } from '../../../../sidecar/doctor/judgeMachine.ts';
import type { MachineFacts } from '../../../../sidecar/doctor/machineFacts.ts';

const model = {
  name: 'small',
  description: 'For tests',
  license: 'MIT',
  path: '/store/models/small.gguf',
  sizeBytes: 500_000_000,
  sha256: 'f0ed',
  verified: true,
} as const;

const sound: MachineFacts = {
  nodeVersion: '20.20.2',
  processor: { name: 'Some Processor', logicalCount: 2, architecture: 'x64', features: ['avx2', 'fma'] },
  hasNvidiaDriver: false,
  library: {
    type: 'usable',
    flavour: 'linux-x64',
    packageVersion: '3.22.1',
    release: '0.5.0',
    backend: 'CPU',
  },
  onnxRuntime: { type: 'usable', version: '1.30.0' },
  wantedModel: { type: 'here', name: 'small', path: model.path, sizeBytes: model.sizeBytes, refusal: null },
  models: [model],
  memory: { totalBytes: 16e9, freeBytes: 8e9 },
  store: { folder: '/store/models', freeBytes: 50e9, isWritable: true },
  advice: { text: '', checks: [] },
  sandbox: { kind: 'bubblewrap', program: '/usr/bin/bwrap' },
};

function finding(subject: string, difference: Partial<MachineFacts>): Finding | undefined {
  return judgeMachine({ ...sound, ...difference }).findings.find((each) => each.subject === subject);
}

test('a sound machine has nothing to do', () => {
  const { findings } = judgeMachine(sound);
  expect(findings.map(({ status, remedy }) => [status, remedy])).toEqual(findings.map(() => ['ok', null]));
});

test('what to use models for is said once one was measured, and what estimates are worth once two were', () => {
  expect(finding('Recommendation', {})).toBeUndefined();
  const advice = {
    text: 'On this machine small answers at 17 tok/s: recommended for questions.',
    checks: [{ name: 'small', decodeRatio: 0.9, prefillRatio: 1.125 }],
  };
  expect(finding('Recommendation', { advice })?.detail).toBe(advice.text);
  expect(finding('Estimates', { advice })?.detail).toMatch(/small 0\.90 writing and 1\.13 reading/u);
  expect(finding('Estimates', { advice: { ...advice, checks: [] } })).toBeUndefined();
});

const error = { code: 'library.missing', message: 'It is not here.', remedy: 'Install it.' } as const;

test.each<[string, Finding['status'], Partial<MachineFacts>]>([
  ['Node', 'missing', { nodeVersion: '18.19.0' }],
  ['Processor', 'degraded', { processor: { ...sound.processor, features: ['sse4_2'] } }],
  ['GPU', 'degraded', { hasNvidiaDriver: true }],
  ['llama.cpp', 'missing', { library: { type: 'unusable', error } }],
  ['ONNX Runtime', 'degraded', { onnxRuntime: { type: 'unusable', why: 'no such module' } }],
  ['Model', 'missing', { wantedModel: { type: 'missing', name: 'small', error } }],
  ['Model', 'degraded', { models: [{ ...model, verified: false }] }],
  ['Memory', 'degraded', { memory: { totalBytes: 2e9, freeBytes: 0.6e9 } }],
  ['Store', 'missing', { store: { ...sound.store, isWritable: false } }],
  ['Store', 'degraded', { store: { ...sound.store, freeBytes: 1e6 } }],
])('%s is %s, and says what to do', (subject, status, difference) => {
  const found = finding(subject, difference);
  expect(found?.status).toBe(status);
  expect(found?.remedy).toMatch(/\.$/);
});

test('ONNX Runtime that does not exist for a platform is nothing to mend', () => {
  const found = finding('ONNX Runtime', { onnxRuntime: { type: 'unpublished', platform: 'darwin-x64' } });
  expect(found).toMatchObject({ status: 'ok', remedy: null });
  expect(found?.detail).toContain('darwin-x64');
});

test('a build for the GPU that is there is fine', () => {
  const library = { ...sound.library, flavour: 'linux-x64-cuda', backend: 'CUDA0' };
  expect(finding('GPU', { hasNvidiaDriver: true, library })?.status).toBe('ok');
});

test('the number of llama.cpp and that of the package it comes in are told apart', () => {
  expect(finding('llama.cpp', {})?.detail).toBe(
    'release 0.5.0, build linux-x64, from node-llama-cpp 3.22.1, runs on CPU',
  );
});

test('a processor whose features nobody lists is not judged', () => {
  const processor = { ...sound.processor, features: null };
  expect(finding('Processor', { processor })?.status).toBe('ok');
});

test('a file of your own needs no known hash', () => {
  const wantedModel = {
    type: 'here',
    name: 'own.gguf',
    path: '/own.gguf',
    sizeBytes: 1,
    refusal: null,
  } as const;
  expect(finding('Model', { wantedModel })).toMatchObject({ status: 'ok' });
});

test('other models that are here are named beside the one that is not', () => {
  const found = finding('Model', { wantedModel: { type: 'missing', name: 'large', error } });
  expect(found?.detail).toContain('also here: small');
});

test('a machine without a sandbox has test commands run unconfined, and says how to get one', () => {
  const why = 'bubblewrap is not installed.';
  const remedy = 'Install the package "bubblewrap".';
  const judged = finding('Sandbox', { sandbox: { kind: 'none', why, remedy } });
  expect(judged).toMatchObject({ status: 'degraded', remedy });
  expect(judged?.detail).toContain(why);
  expect(judged?.detail).toContain('not confined');
});
