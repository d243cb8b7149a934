import { fileSource } from '../../../sidecar/engine/engineSource.ts';
import path from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import type { FetchProgress } from '../../../protocol/messages.ts';
import { defineCommand } from '../../../sidecar/cli/command.ts';
import { commandLineTrials } from '../../../sidecar/cli/commandLineTrials.ts';
import { WorkProgress } from '../../../sidecar/cli/drawing/workProgress.ts';
import { readInputFile } from '../../../sidecar/cli/inputFile.ts';
import type { Engine, Model } from '../../../sidecar/engine/engine.ts';
import { createLlamaEngine } from '../../../sidecar/engine/llama/llamaEngine.ts';
import { checkModelFile } from '../../../sidecar/gguf/checkModelFile.ts';
import { machineStorePath, openMachineStore } from '../../../sidecar/models/machineStore.ts';
import type { ModelFile } from '../../../sidecar/models/modelStore.ts';
import { systemClock } from '../../../sidecar/process/clock.ts';
import { machineName } from '../../../sidecar/process/machineName.ts';
import { probeFolderOf, probePath } from '../../../sidecar/reasoning/difficulty/probe.ts';
import {
  calibrateModel,
  type CalibrationPaths,
  calibrationPaths,
  type CalibrationTask,
} from '../calibrateModel.ts';
import type { Calibration } from '../calibrateProbe.ts';
import { type CalibrationQuestion, parseQuestions } from '../questionFile.ts';
import { contextFor } from '../sampleQuestions.ts';
import { calibrateOptions, type CalibrateRequest, calibrateRequestFrom } from './calibrateOptions.ts';
import { calibrationLines } from './calibrationLines.ts';
import { runValueHead } from './valueHeadTask.ts';
import { runValueSet } from './valueSetTask.ts';

/**
 * `entropane calibrate`: samples a model on questions with known answers and fits the probe that separates easy, normal and
 * hard ones apart. Runs in this process, with an engine of its own.
 */
export const calibrateCommand = defineCommand({
  name: 'calibrate',
  summary: 'Fit the probe that predicts how hard a question is for a model',
  usage: 'calibrate --questions FILE [--model NAME] [--samples N] [--limit N] [--seed N] [--out FILE]',
  options: calibrateOptions,
  run: async ({ values, positionals, terminal }, signal) => {
    if (values['value-set'] === true) return runValueSet({ values, positionals, terminal }, signal);
    if (values['value-head'] === true) return runValueHead({ values, positionals, terminal }, signal);
    const request = calibrateRequestFrom(values, positionals);
    const text = await readInputFile(request.questionsPath);
    const all = parseQuestions(text, request.questionsPath);
    const questions = all.slice(0, request.limit ?? all.length);
    const file = await openMachineStore(location).resolve(request.model);
    await checkModelFile(file.path);
    const progress = new WorkProgress({ terminal, isJson: values.json === true }, systemClock);
    const engine = createLlamaEngine({ bundleFolder: __dirname, trials: commandLineTrials(__dirname) });
    try {
      const model = await loadForCalibration({ engine, file, request, questions, progress }, signal);
      const paths = pathsFor(request, probePath(probeFolderOf(machineStorePath(location)), model.info));
      const plan = planFrom(request, { questions, paths, progress });
      const calibration = await calibrateModel(model, plan, signal);
      progress.clear();
      terminal.print(
        values.json === true
          ? JSON.stringify({ type: 'result', paths, ...resultOf(calibration) })
          : calibrationLines(calibration, paths).join('\n'),
      );
      return 0;
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
      throw new CodedError(
        'cancelled',
        'The calibration was stopped; what was sampled is kept.',
        'Run the same command again to go on.',
        { cause: thrown },
      );
    } finally {
      progress.clear();
      await engine.dispose();
    }
  },
});

const location = { storePath: '', environment: process.env, clock: systemClock };

async function loadForCalibration(
  {
    engine,
    file,
    request,
    questions,
    progress,
  }: {
    readonly engine: Engine;
    readonly file: ModelFile;
    readonly request: CalibrateRequest;
    readonly questions: readonly CalibrationQuestion[];
    readonly progress: WorkProgress;
  },
  signal: AbortSignal,
): Promise<Model> {
  const onHashed = ({ doneBytes }: FetchProgress): void => {
    progress.report('Checking', doneBytes, file.sizeBytes);
  };
  const hashed = () => openMachineStore(location).verify(file.path, onHashed, signal);
  // Kept beside the file: by its hash the probe is found when the model serves.
  const hash = file.sha256 ?? (await hashed()).sha256;
  const identity = { name: file.name, hash, hashKind: 'sha256' } as const;
  const contextTokens = contextFor(questions, { ...request.plan, parallel: request.parallel });
  const options = { contextTokens, maxSequences: 32, threads: 0, speculation: 'off', identity } as const;
  return engine.open(fileSource(file.path), options, signal);
}

function planFrom(
  { plan, parallel, heldOutShare, shareRule, betaRule, questionsPath, date }: CalibrateRequest,
  {
    questions,
    paths,
    progress,
  }: {
    readonly questions: readonly CalibrationQuestion[];
    readonly paths: CalibrationPaths;
    readonly progress: WorkProgress;
  },
): CalibrationTask {
  return {
    questions,
    plan,
    parallel,
    paths,
    seed: plan.seed,
    heldOutShare,
    shareRule,
    betaRule,
    report: {
      questionsName: path.basename(questionsPath),
      machine: machineName(),
      date: date ?? systemClock.date().toISOString().slice(0, 10),
    },
    onProgress: progress.report,
  };
}

function pathsFor({ probePath: asked, rawPath }: CalibrateRequest, place: string): CalibrationPaths {
  return calibrationPaths(path.resolve(asked ?? place), rawPath === null ? null : path.resolve(rawPath));
}

function resultOf({ thresholds, validation, questions, probe }: Calibration): object {
  const { weightDecay, epochs, foldLossNats } = probe;
  return {
    thresholds,
    questionCount: questions.length,
    fit: { weightDecay, epochs, foldLossNats },
    validation,
  };
}
