import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  calibrateModel,
  calibrationPaths,
  type CalibrationTask,
} from '../../../../lab/calibrate/calibrateModel.ts';
import { parseQuestions } from '../../../../lab/calibrate/questionFile.ts';
import { contextFor, parallelFitting } from '../../../../lab/calibrate/sampleQuestions.ts';
import { type DifficultyClass, difficultyClasses } from '../../../../protocol/traceEvent.ts';
import type { Model } from '../../../../sidecar/engine/engine.ts';
import type { Script } from '../../../../sidecar/engine/scripted/script.ts';
import { readOnnxMetadata } from '../../../../sidecar/reasoning/difficulty/onnxMetadata.ts';
import { probeMetadataKeys, questionMark } from '../../../../sidecar/reasoning/difficulty/probe.ts';
import { scriptedModel } from '../../../support/engine/scriptedRequest.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

const never = new AbortController().signal;
const hiddenSize = 6;
const questionCount = 60;

const questions = parseQuestions(
  Array.from({ length: questionCount }, (_, n) =>
    JSON.stringify({ id: n, question: `Question number ${n} of kind ${n % 3}?`, answer: n }),
  ).join('\n'),
  'q.jsonl',
);

const numberIn = (text: string): number => Number(/number (\d+)/.exec(text)?.[1]);
const kindIn = (text: string): number => Number(/of kind (\d)/.exec(text)?.[1]);

/** Kind 0 is solved without doubt, kind 1 with doubt, kind 2 never. Tokens of the samples are counted. */
function scripted(): { readonly script: Script; readonly asked: string[] } {
  const asked: string[] = [];
  const script: Script = ({ text, call }) => {
    if (call === 0) asked.push(text);
    const kind = kindIn(text);
    const entropyNats = [0.1, 0.6, 0.9][kind] ?? 0;
    if (call === 0)
      return [
        { text: 'Let me see.', entropyNats },
        { text: '\nFinal answer:', entropyNats },
      ];
    return [{ text: kind === 2 ? ' 999' : ` ${numberIn(text)}`, entropyNats }];
  };
  return { script, asked };
}

async function modelOf(script: Script): Promise<Model> {
  const hiddenState = (prompt: string): Float32Array => {
    const kind = kindIn(prompt);
    const number = numberIn(prompt);
    return Float32Array.from(
      { length: hiddenSize },
      (_, i) => (i === kind ? 8 : 0) + Math.sin(number * (i + 1)),
    );
  };
  return scriptedModel(script, { hiddenState, local: { hiddenSize } });
}

function taskIn(folder: string, members: Partial<CalibrationTask> = {}): CalibrationTask {
  return {
    questions,
    plan: { samples: 2, temperature: 0.8, maxThoughtTokens: 64, seed: 3 },
    parallel: 4,
    paths: calibrationPaths(path.join(folder, 'probe.onnx'), null),
    seed: 3,
    heldOutShare: 0.3,
    shareRule: 'even',
    betaRule: { type: 'split' },
    report: { questionsName: 'q.jsonl', machine: 'a machine', date: '2025-06-30' },
    onProgress: () => undefined,
    ...members,
  };
}

describe('calibrating a model', () => {
  test('labels by its samples and writes a probe that tells the kinds apart, with a report', async () => {
    await using folder = await temporaryFolder();
    const progress: string[] = [];
    const task = taskIn(folder.path, {
      onProgress: (what, done, total) => progress.push(`${what} ${done}/${total}`),
    });
    const { script } = scripted();
    const model = await modelOf(script);
    const { questions: labelled, thresholds, validation } = await calibrateModel(model, task, never);
    for (const { sampled, difficulty, correctShare } of labelled) {
      const kind = Number(sampled.id) % 3;
      expect(difficulty).toBe(['normal', 'easy', 'hard'][kind]);
      expect(correctShare).toBe(kind === 2 ? 0 : 1);
      expect(sampled.samples).toHaveLength(3);
      expect(sampled.openingEntropyNats[0]).toBe([0.1, 0.6, 0.9][kind]);
    }
    expect(thresholds.beta).toBeCloseTo(0.35, 6);
    expect(validation).toMatchObject({ questionCount: 18, probe: { accuracy: 1, balancedAccuracy: 1 } });
    expect(progress).toContain('Sampling 60/60');
    expect(new Set(await readdir(folder.path))).toEqual(
      new Set([
        'probe.onnx',
        'probe.md',
        'probe.scatter.svg',
        'probe.reliability.svg',
        'probe.samples.jsonl',
      ]),
    );
    const metadata = readOnnxMetadata(await readFile(task.paths.probe));
    expect(metadata?.get(probeMetadataKeys.modelHash)).toBe(model.info.identity.hash);
    expect(JSON.parse(metadata?.get(probeMetadataKeys.thresholds) ?? '')).toEqual(thresholds);
    expect(metadata?.get(probeMetadataKeys.trainingSetHash)).toMatch(/^[0-9a-f]{64}$/);
    const fitted = labelled.filter(({ isHeldOut }) => !isHeldOut);
    expect(metadata?.get(probeMetadataKeys.trainingQuestions)?.split(' ')).toEqual(
      fitted.map(({ sampled }) => questionMark(sampled.questionHash)),
    );
    const report = await readFile(task.paths.report, 'utf8');
    expect(report).toContain('2025-06-30 · a machine · q.jsonl, 60 questions: 42 to fit, 18 held out');
    expect(report).toContain('| probe | 100.0 % |');
    expect(report).toContain(metadata?.get(probeMetadataKeys.trainingSetHash));
    expect(report).toContain('](probe.scatter.svg)');
    expect(report).toContain('](probe.reliability.svg)');
    // The kinds differ by their probe prefixes' entropies, so a rule of two thresholds between those separates them, too.
    expect(report).toContain('| entropy of the first tokens, fitted | 100.0 % |');
    expect(report).toContain('normal below 0.350 nats, easy to 0.750 nats, hard from there on');
    const countOf = (difficulty: DifficultyClass, isHeldOut: boolean): number =>
      labelled.filter((one) => one.difficulty === difficulty && one.isHeldOut === isHeldOut).length;
    const [easy, normal, hard] = difficultyClasses.map((name) => countOf(name, true));
    const [commonest = 'easy'] = difficultyClasses.toSorted((a, b) => countOf(b, false) - countOf(a, false));
    const share = ((100 * countOf(commonest, true)) / 18).toFixed(1);
    expect(report).toMatch(new RegExp(`^\\| always ${commonest} \\| ${share} % \\| .* \\| 33.3 % \\|$`, 'm'));
    expect(report.split('\n')).toEqual(
      expect.arrayContaining([
        '|  | easy | normal | hard |',
        `| easy | ${easy} | 0 | 0 |`,
        `| normal | 0 | ${normal} | 0 |`,
        `| hard | 0 | 0 | ${hard} |`,
        // Three tokens a sample, none of them right.
        `| hard | ${countOf('hard', false)} | ${hard} | 0.0 % | 3 | 0.0 % | 0.0 % |`,
      ]),
    );
    // It is always right, so what it lacks of certainty is its error.
    const lacking = validation.reliability.reduce((sum, bin) => sum + bin.count * (1 - bin.confidence), 0);
    expect(report).toContain(`Expected calibration error ${(lacking / 18).toFixed(3)} over ten bins.`);
    expect(await readFile(task.paths.scatter, 'utf8')).toContain('β 0.350');
  });

  test('goes on from where it was interrupted, and gives the same bytes as in one go', async () => {
    await using folder = await temporaryFolder();
    const { script, asked } = scripted();
    const interrupted = taskIn(folder.path);
    const ending = new AbortController();
    const onProgress: CalibrationTask['onProgress'] = (what, done) => {
      if (what === 'Sampling' && done === 7) ending.abort();
    };
    const first = calibrateModel(await modelOf(script), { ...interrupted, onProgress }, ending.signal);
    await expect(first).rejects.toMatchObject({ code: 'cancelled' });
    // A machine that lost power in the middle of a line.
    await appendFile(interrupted.paths.samples, '{"type":"question","id":29,"que');
    const linesBefore = (await readFile(interrupted.paths.samples, 'utf8')).split('\n').length - 2;
    expect(linesBefore).toBeGreaterThanOrEqual(7);
    expect(linesBefore).toBeLessThan(questionCount);
    asked.length = 0;
    await calibrateModel(await modelOf(script), interrupted, never);
    // Three samples of each question that was not done.
    expect(asked).toHaveLength(3 * (questionCount - linesBefore));

    const whole = taskIn(path.join(folder.path, 'other'));
    await calibrateModel(await modelOf(script), whole, never);
    for (const name of ['probe', 'report', 'scatter', 'reliability'] as const) {
      expect(await readFile(whole.paths[name])).toEqual(await readFile(interrupted.paths[name]));
    }
    asked.length = 0;
    await calibrateModel(
      await modelOf(script),
      { ...whole, betaRule: { type: 'percentile', share: 1 } },
      never,
    );
    expect(asked).toEqual([]);
  });

  test('takes no samples of another model, prompt or plan for its own', async () => {
    await using folder = await temporaryFolder();
    const task = taskIn(folder.path);
    const { script, asked } = scripted();
    await calibrateModel(await modelOf(script), task, never);
    asked.length = 0;
    const hotter = { ...task, plan: { ...task.plan, temperature: 1 } };
    await expect(calibrateModel(await modelOf(script), hotter, never)).rejects.toMatchObject({
      code: 'calibration.mismatch',
      message: expect.stringContaining('--temperature 0.8') as string,
    });
    const identity = { name: 'other', hash: 'f'.repeat(64), hashKind: 'sha256' } as const;
    const other = await scriptedModel(script, { hiddenState: () => new Float32Array(8), info: { identity } });
    await expect(calibrateModel(other, task, never)).rejects.toMatchObject({ code: 'calibration.mismatch' });
    expect(asked).toEqual([]);
  });

  test.each([
    ['a letter', 'Dear Sir,\n'],
    ['another file of JSON lines', '{"type":"row","id":1}\n'],
  ])('leaves %s alone that lies where the samples should', async (_, text) => {
    await using folder = await temporaryFolder();
    const task = taskIn(folder.path);
    await writeFile(task.paths.samples, text);
    const { script } = scripted();
    await expect(calibrateModel(await modelOf(script), task, never)).rejects.toMatchObject({
      code: 'calibration.mismatch',
    });
    expect(await readFile(task.paths.samples, 'utf8')).toBe(text);
  });

  test('refuses what no probe can come of', async () => {
    await using folder = await temporaryFolder();
    const { script, asked } = scripted();
    const few = taskIn(path.join(folder.path, 'few'), { questions: questions.slice(0, 6) });
    await expect(calibrateModel(await modelOf(script), few, never)).rejects.toMatchObject({
      code: 'calibration.unbalanced',
    });
    // Before hours were spent on them.
    expect(asked).toEqual([]);
    const alike = taskIn(path.join(folder.path, 'alike'));
    const hopeless: Script = ({ call }) => (call === 0 ? 'No idea.\nFinal answer:' : ' none');
    await expect(calibrateModel(await modelOf(hopeless), alike, never)).rejects.toMatchObject({
      code: 'calibration.unbalanced',
    });
    const blind = taskIn(path.join(folder.path, 'blind'));
    await expect(calibrateModel(await scriptedModel(script), blind, never)).rejects.toMatchObject({
      code: 'model.unsupported',
    });
    const mute = await scriptedModel(script, { info: { hasChatTemplate: false } });
    await expect(calibrateModel(mute, taskIn(path.join(folder.path, 'mute')), never)).rejects.toMatchObject({
      code: 'model.unsupported',
    });
  });

  test('fails with what the engine fails with, and keeps what was sampled', async () => {
    await using folder = await temporaryFolder();
    const task = taskIn(folder.path);
    const { script } = scripted();
    const failing: Script = (situation) => {
      if (numberIn(situation.text) === 12) throw new Error('The engine fell over.');
      return script(situation);
    };
    await expect(calibrateModel(await modelOf(failing), task, never)).rejects.toThrow('fell over');
    expect((await readFile(task.paths.samples, 'utf8')).split('\n').length).toBeGreaterThan(4);
  });
});

test('as many samples run at once as the context has room for', () => {
  const plan = { samples: 4, maxThoughtTokens: 512 };
  const wanted = contextFor(questions, { ...plan, parallel: 16 });
  expect(parallelFitting(wanted, questions, { ...plan, parallel: 16 })).toBe(16);
  const half = parallelFitting(wanted / 2, questions, { ...plan, parallel: 16 });
  expect(half).toBeGreaterThan(4);
  expect(half).toBeLessThan(9);
  expect(parallelFitting(10, questions, { ...plan, parallel: 16 })).toBe(1);
});
