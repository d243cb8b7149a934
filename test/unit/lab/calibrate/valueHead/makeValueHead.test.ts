import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { valueHeadLines, valueReportLines } from '../../../../../lab/calibrate/command/valueHeadLines.ts';
import { encodeValueHead } from '../../../../../lab/calibrate/valueHead/encodeValueHead.ts';
import { fitHeads, valueAt } from '../../../../../lab/calibrate/valueHead/linearHead.ts';
import { makeValueHead } from '../../../../../lab/calibrate/valueHead/makeValueHead.ts';
import { valueExamplesOf, scoredBy } from '../../../../../lab/calibrate/valueHead/valueExamples.ts';
import type { ValueHeadReport } from '../../../../../lab/calibrate/valueHead/valueHeadReport.ts';
import { fitBasis } from '../../../../../lab/calibrate/valueSet/valueBasis.ts';
import { valueSetHeader } from '../../../../../lab/calibrate/valueSet/valueQuestion.ts';
import { scriptBySequence } from '../../../../../sidecar/engine/scripted/script.ts';
import { readOnnxMetadata } from '../../../../../sidecar/reasoning/difficulty/onnxMetadata.ts';
import { valueFeatureNames } from '../../../../../sidecar/reasoning/value/valueFeatures.ts';
import {
  loadValueHead,
  valueHeadMetadataKeys,
  valueHeadPath,
} from '../../../../../sidecar/reasoning/value/valueHead.ts';
import { scriptedModel } from '../../../../support/engine/scriptedRequest.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';
import { syntheticValueSet } from '../../../../support/value/syntheticValueSet.ts';

const never = new AbortController().signal;
const hiddenSize = 6;
const keys = valueHeadMetadataKeys;

/** A set whose states are what `syntheticValueSet` calls scores, with a basis fitted to them. */
function materialOf(signal: number, modelHash: string) {
  const stated = syntheticValueSet({ questionCount: 40, signal }).map(({ scores, ...question }) => {
    return { ...question, states: scores.map((state) => state.map((value, i) => 3 * value + i)) };
  });
  const basis = fitBasis(
    stated.flatMap(({ states }) => states),
    { componentCount: 5, bits: 8 },
  );
  const plan = { samples: 4, temperature: 0.7, maxThoughtTokens: 100, seed: 0, skipPreamble: true };
  const header = valueSetHeader({ modelHash, modelName: 'm', hiddenSize, promptHash: 'p', plan });
  return { stated, material: { header, basis, questions: stated.map(scoredBy(basis)) } };
}

const quietly = { onFitted: () => undefined, onReport: () => undefined };

test('a head that was made is read from its file, and gives there what it gave where it was fitted', async () => {
  await using folder = await temporaryFolder();
  const model = await scriptedModel(scriptBySequence([]), { local: { hiddenSize } });
  const { stated, material } = materialOf(1.2, model.info.identity.hash);
  const made = await makeValueHead(material, quietly, never);
  await mkdir(folder.path, { recursive: true });
  await writeFile(valueHeadPath(folder.path, model.info), made.file);
  const { head, note } = await loadValueHead(folder.path, model.info);
  expect(note).toBeNull();
  expect(head?.rules).toEqual(made.rules.rules);
  expect(head?.places).toContain('answer');
  await head?.dispose();
  const metadata = readOnnxMetadata(made.file);
  expect(metadata?.get(keys.trainingQuestions)?.split(' ')).toHaveLength(40);

  // The graph beside the head's own sum, which knows of components: a head of known weights, at every point of a question.
  const examples = stated
    .slice(0, 3)
    .flatMap((question, index) => valueExamplesOf(scoredBy(material.basis)(question), index));
  const [lineEnd] = fitHeads(examples, 5, [1]);
  const [answer] = fitHeads(examples, 3, [10]);
  if (lineEnd === undefined || answer === undefined) throw new Error('No head was fitted.');
  await writeFile(
    valueHeadPath(folder.path, model.info),
    encodeValueHead({ lineEnd, answer }, material.basis, metadata ?? new Map()),
  );
  const other = (await loadValueHead(folder.path, model.info)).head;
  const inputs = examples.map(({ question, candidate, place, features }, i) => {
    // Each candidate has three points, after the prompt's.
    const state = stated[question]?.states[1 + candidate * 3 + (i % 3)] ?? new Float32Array();
    return { place, features, state };
  });
  const values = (await other?.values(inputs)) ?? [];
  expect(values).toHaveLength(examples.length);
  for (const [i, example] of examples.entries()) {
    const expected = valueAt(example.place === 'answer' ? answer : lineEnd, example);
    expect(Math.abs((values[i] ?? 9) - expected)).toBeLessThan(1e-5);
  }
  expect(await other?.values([])).toEqual([]);
  await other?.dispose();
});

test('a head of another model, of a later version, of other features, or no head at all is refused with its reason', async () => {
  await using folder = await temporaryFolder();
  const model = await scriptedModel(scriptBySequence([]), { local: { hiddenSize } });
  const { material } = materialOf(1.2, model.info.identity.hash);
  const none = {
    scoreWeights: new Float64Array(5),
    featureWeights: new Float64Array(valueFeatureNames.length),
    bias: 0,
  };
  const whole = new Map<string, string>([
    [keys.version, '1'],
    [keys.modelHash, model.info.identity.hash],
    [keys.hiddenSize, String(hiddenSize)],
    [keys.features, valueFeatureNames.join(' ')],
    [keys.rules, '{"kappa":1,"settledAt":0.8,"hopelessBelow":0}'],
    [keys.places, '["answer"]'],
  ]);
  const noteFor = async (changes: Readonly<Record<string, string | null>>): Promise<string | null> => {
    const metadata = new Map([...whole].filter(([key]) => changes[key] !== null));
    for (const [key, value] of Object.entries(changes)) if (value !== null) metadata.set(key, value);
    await mkdir(folder.path, { recursive: true });
    await writeFile(
      valueHeadPath(folder.path, model.info),
      encodeValueHead({ lineEnd: none, answer: none }, material.basis, metadata),
    );
    const { head, note } = await loadValueHead(folder.path, model.info);
    await head?.dispose();
    expect(head === null).toBe(note !== null);
    return note;
  };
  expect(await loadValueHead(path.join(folder.path, 'none'), model.info)).toEqual({ head: null, note: null });
  expect(await noteFor({})).toBeNull();
  expect(await noteFor({ [keys.modelHash]: 'f'.repeat(64) })).toContain('another model');
  expect(await noteFor({ [keys.version]: '2' })).toContain('newer version');
  expect(await noteFor({ [keys.version]: null })).toContain('not a value head');
  expect(await noteFor({ [keys.hiddenSize]: '9' })).toContain('reads 9 values');
  expect(await noteFor({ [keys.features]: 'isAnswer' })).toContain('other features');
  expect(await noteFor({ [keys.rules]: '{"kappa":-1}' })).toContain('damaged');
  await writeFile(valueHeadPath(folder.path, model.info), new Uint8Array([1, 2, 3]));
  expect((await loadValueHead(folder.path, model.info)).note).toContain('damaged');
});

test('a head that does not beat a constant is refused with its figures, after they were reported', async () => {
  const { material } = materialOf(0, 'x');
  const questions = material.questions.map((question, index) => ({
    ...question,
    candidates: question.candidates.map((one, sample) => {
      return { ...one, isCorrect: (sample + index) % 2 === 0, answer: String(sample) };
    }),
  }));
  const reports: ValueHeadReport[] = [];
  const onReport = (one: ValueHeadReport): void => {
    reports.push(one);
  };
  const made = makeValueHead({ ...material, questions }, { ...quietly, onReport }, never);
  await expect(made).rejects.toMatchObject({ code: 'calibration.unbalanced' });
  expect(reports).toHaveLength(1);
  const lines = reports.flatMap(valueReportLines);
  expect(lines[0]).toMatch(/^40 questions, 160 answers, 50\.0 % right/);
  expect(lines.some((line) => line.startsWith('| answers | 160 |'))).toBe(true);
});

test('what was made is said in a few lines', async () => {
  const { material } = materialOf(1.2, 'x');
  const lines = valueHeadLines(await makeValueHead(material, quietly, never)).join('\n');
  expect(lines).toMatch(/Chosen by log-loss: (one head|a head for answers) \(\d+ components, λ \d+\)/);
  expect(lines).toContain('not a figure for others');
});
