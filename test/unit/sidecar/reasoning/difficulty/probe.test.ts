import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Model } from '../../../../../sidecar/engine/engine.ts';
import { scriptBySequence } from '../../../../../sidecar/engine/scripted/script.ts';
import {
  entropyRule,
  uncalibratedThresholds,
} from '../../../../../sidecar/reasoning/difficulty/entropyRule.ts';
import { loadEstimator } from '../../../../../sidecar/reasoning/difficulty/loadEstimator.ts';
import {
  loadProbe,
  probeMetadataKeys,
  probePath,
} from '../../../../../sidecar/reasoning/difficulty/probe.ts';
import type { DifficultyEstimator } from '../../../../../sidecar/request/difficultyEstimator.ts';
import { runScripted, scriptedModel } from '../../../../support/engine/scriptedRequest.ts';
import { probeFile, type ProbeFixture } from '../../../../support/modelFiles/onnxFile.ts';

const rule = entropyRule(uncalibratedThresholds);
const modelHash = '0'.repeat(64);
let folder = '';
let model: Model;

/** Two hidden units that copy the first two values; the classes weigh them so that results can be had by hand. */
const fixture: ProbeFixture = {
  hiddenSize: 4,
  w1: [
    [1, 0],
    [0, 1],
    [0, 0],
    [0, 0],
  ],
  b1: [0, 0],
  w2: [
    [1, 0, 0],
    [0, 0, 1],
  ],
  b2: [0, 0.5, 0],
  metadata: { [probeMetadataKeys.modelHash]: modelHash, [probeMetadataKeys.hiddenSize]: '4' },
};

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'entropane-probe-'));
  model = await scriptedModel(scriptBySequence([]), { local: { hiddenSize: 4 } });
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function install(bytes: Uint8Array): void {
  writeFileSync(probePath(folder, model.info), bytes);
}

async function loaded(): Promise<DifficultyEstimator> {
  const { probe, note } = await loadProbe(folder, model.info, rule);
  expect(note).toBeNull();
  if (probe === null) throw new Error('The probe was not loaded.');
  return probe;
}

describe('a probe that fits the model', () => {
  test.each([
    { state: [2, -5, 0, 0], difficulty: 'easy', logits: [2, 0.5, 0] },
    { state: [-1, -1, 9, 9], difficulty: 'normal', logits: [0, 0.5, 0] },
    { state: [1, 3, 0, 0], difficulty: 'hard', logits: [1, 0.5, 3] },
  ])('computes the softmax of its layers: $difficulty', async ({ state, difficulty, logits }) => {
    install(probeFile(fixture));
    const probe = await loaded();
    const estimate = await probe.estimate({
      probePrefixEntropyNats: [],
      hasEnded: false,
      promptState: Float32Array.from(state),
    });
    const sum = logits.reduce((total, logit) => total + Math.exp(logit), 0);
    expect(estimate).toMatchObject({ difficulty, source: 'probe', meanEntropyNats: null });
    logits.forEach((logit, index) => {
      expect(estimate.probabilities?.[index]).toBeCloseTo(Math.exp(logit) / sum, 5);
    });
  });

  test('needs no probe prefix with a state, and leaves the decision to the rule without one', async () => {
    install(probeFile(fixture));
    const probe = await loaded();
    expect(probe.probePrefixTokens(new Float32Array(4))).toBe(0);
    expect(probe.probePrefixTokens(null)).toBe(rule.probePrefixTokens(null));
    const estimate = await probe.estimate({
      probePrefixEntropyNats: [0.9, 0.9],
      hasEnded: false,
      promptState: null,
    });
    expect(estimate).toMatchObject({ difficulty: 'hard', source: 'entropyRule' });
  });

  test('falls back within a request when it is fed what its graph does not take', async () => {
    install(probeFile(fixture));
    const probe = await loaded();
    const estimate = await probe.estimate({
      probePrefixEntropyNats: [],
      hasEnded: false,
      promptState: new Float32Array(3),
    });
    expect(estimate).toMatchObject({ difficulty: 'normal', source: 'entropyRule' });
  });

  test('leaves a request to the rule where the engine gives no state', async () => {
    install(probeFile(fixture));
    const { estimator } = await loadEstimator([folder], model.info);
    const { state } = await runScripted(scriptBySequence([['It is 12.\nFinal answer:', ' 12']]), {
      request: { strategy: 'auto', candidateCount: 4 },
      dependencies: { estimator },
      engine: { local: { hiddenSize: 4 }, hiddenState: null },
    });
    expect(state.difficulty).toMatchObject({ source: 'entropyRule' });
  });

  test('decides a request before its first token', async () => {
    install(probeFile(fixture));
    const hiddenState = (): Float32Array => Float32Array.from([2, 0, 0, 0]);
    const engine = { local: { hiddenSize: 4 }, hiddenState };
    const { estimator, notes } = await loadEstimator([folder], model.info);
    expect(notes).toEqual([]);
    const { state, events } = await runScripted(scriptBySequence([['It is 12.\nFinal answer:', ' 12']]), {
      request: { strategy: 'auto', candidateCount: 4 },
      dependencies: { estimator },
      engine,
    });
    expect(state.difficulty).toMatchObject({
      source: 'probe',
      difficulty: 'easy',
      strategy: 'chainOfThought',
    });
    const order = events.map((event) => event.type);
    expect(order.indexOf('difficulty/decided')).toBeLessThan(order.indexOf('tokens/appended'));
  });
});

describe('a probe that cannot be used leaves a note, never an error', () => {
  test('a platform without ONNX Runtime: neither probe nor note', async () => {
    install(probeFile(fixture));
    const machine = { platform: 'darwin', arch: 'x64' };
    expect(await loadProbe(folder, model.info, rule, machine)).toEqual({ probe: null, note: null });
    await (await loaded()).dispose();
  });

  test('no file: neither probe nor note', async () => {
    expect(await loadProbe(folder, model.info, rule)).toEqual({ probe: null, note: null });
  });

  const whole = probeFile(fixture);
  const withMetadata = (metadata: ProbeFixture['metadata']): Uint8Array =>
    probeFile({ ...fixture, metadata });
  const { modelHash: hashKey, hiddenSize: sizeKey } = probeMetadataKeys;
  test.each([
    { fault: 'made for another model', bytes: withMetadata({ [hashKey]: 'f'.repeat(64), [sizeKey]: '4' }) },
    { fault: 'of another hidden size', bytes: withMetadata({ [hashKey]: modelHash, [sizeKey]: '896' }) },
    { fault: 'without a model', bytes: withMetadata({}) },
    { fault: 'cut off', bytes: whole.subarray(0, whole.length - 7) },
    { fault: 'empty', bytes: new Uint8Array() },
    { fault: 'no ONNX file', bytes: new TextEncoder().encode('not a model at all') },
    {
      fault: 'a graph of two classes',
      bytes: probeFile({
        ...fixture,
        b2: [0, 0],
        w2: [
          [1, 0],
          [0, 1],
        ],
      }),
    },
  ])('$fault', async ({ bytes }) => {
    install(bytes);
    const { probe, note } = await loadProbe(folder, model.info, rule);
    expect(probe).toBeNull();
    expect(note).toContain(probePath(folder, model.info));
  });

  test.each([
    { gives: 2, why: 'a model whose states are shorter than what goes from block to block' },
    { gives: null, why: 'a model that gives no state' },
  ])('$why', async ({ gives }) => {
    model = await scriptedModel(scriptBySequence([]), {
      local: { hiddenSize: 4 },
      capabilities: { hiddenState: gives },
    });
    install(probeFile(fixture));
    const { probe, note } = await loadProbe(folder, model.info, rule);
    expect(probe).toBeNull();
    expect(note).toContain(probePath(folder, model.info));
  });

  test('a graph the runtime refuses', async () => {
    // Weights of another shape than the graph's input: the metadata alone would be believed.
    install(probeFile({ ...fixture, hiddenSize: 4, w1: fixture.w1.slice(0, 2) }));
    const { probe, note } = await loadProbe(folder, model.info, rule);
    expect(probe).toBeNull();
    expect(note).not.toBeNull();
  });

  test('with the next folder in its place', async () => {
    install(whole.subarray(0, whole.length - 7));
    const shipped = path.join(folder, 'shipped');
    mkdirSync(shipped);
    writeFileSync(probePath(shipped, model.info), whole);
    const { estimator, notes } = await loadEstimator([folder, shipped], model.info);
    expect(notes).toHaveLength(1);
    expect(estimator).toMatchObject({ readsPromptState: true });
    rmSync(probePath(folder, model.info));
    expect((await loadEstimator([folder, shipped], model.info)).notes).toEqual([]);
  });

  test('with the rule in its place', async () => {
    install(whole.subarray(0, whole.length - 7));
    const { estimator, notes } = await loadEstimator([folder], model.info);
    expect(notes).toHaveLength(1);
    expect(estimator).toMatchObject({ readsPromptState: false });
  });
});

describe('whether a probe beats a constant', () => {
  test.each([
    { validation: { foldLossNats: 1.0, constantLossNats: 1.1 }, isSkilled: true },
    { validation: { foldLossNats: 1.2, constantLossNats: 1.1 }, isSkilled: false },
    // Files of earlier versions give no loss, so nothing shows it.
    { validation: { accuracy: 0.9 }, isSkilled: false },
  ])('is read from its file: $validation', async ({ validation, isSkilled }) => {
    const metadata = { ...fixture.metadata, [probeMetadataKeys.validation]: JSON.stringify(validation) };
    install(probeFile({ ...fixture, metadata }));
    const probe = await loaded();
    const promptState = Float32Array.from([1, 3, 0, 0]);
    const estimate = await probe.estimate({ probePrefixEntropyNats: [], hasEnded: false, promptState });
    await probe.dispose();
    expect(estimate.beatsConstant).toBe(isSkilled);
    expect(estimate.why.includes('not shown to beat a constant')).toBe(!isSkilled);
  });
});
