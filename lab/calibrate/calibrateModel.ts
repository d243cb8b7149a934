import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Model } from '../../sidecar/engine/engine.ts';
import { chatMessages } from '../../sidecar/prompts/chatPrompt.ts';
import { renderChatTokens } from '../../sidecar/prompts/chatTokens.ts';
import { probedPromptStyle } from '../../sidecar/reasoning/difficulty/probe.ts';
import { hashPromptText } from '../../sidecar/request/promptHash.ts';
import { replaceFile } from '../../sidecar/storage/replaceFile.ts';
import {
  calibrateProbe,
  type Calibration,
  type CalibrationOptions,
  requireEnough,
} from './calibrateProbe.ts';
import { calibrationReport, type ReportContext } from './calibrationReport.ts';
import { encodeProbe } from './encodeProbe.ts';
import { trainingCount } from './fitProbe.ts';
import { probeMetadata } from './probeMetadata.ts';
import type { CalibrationQuestion } from './questionFile.ts';
import { plotReliability } from './reliabilityPlot.ts';
import { parallelFitting, sampleQuestions, type SamplingPlan } from './sampleQuestions.ts';
import type { SampledQuestion } from './sampledQuestion.ts';
import { SamplesFile, samplesHeader, unwritable } from './samplesFile.ts';
import { plotScatter } from './scatterPlot.ts';

export interface CalibrationTask extends Omit<CalibrationOptions, 'onTrained'> {
  readonly questions: readonly CalibrationQuestion[];
  readonly plan: SamplingPlan;
  /** Samples decoded as one batch, where the context has room for so many. */
  readonly parallel: number;
  readonly paths: CalibrationPaths;
  readonly report: Pick<ReportContext, 'questionsName' | 'machine' | 'date'>;
  readonly onProgress: (what: 'Sampling' | 'Training', done: number, total: number) => void;
}

export interface CalibrationPaths {
  /** Ends in `.onnx`. */
  readonly probe: string;
  readonly report: string;
  readonly scatter: string;
  readonly reliability: string;
  /** What sampling has come to so far, and goes on from. */
  readonly samples: string;
}

/** The files of a calibration, beside the probe; the samples elsewhere where that is asked for. Pure. */
export function calibrationPaths(probe: string, samples: string | null): CalibrationPaths {
  const base = probe.slice(0, probe.length - path.extname(probe).length);
  return {
    probe,
    report: `${base}.md`,
    scatter: `${base}.scatter.svg`,
    reliability: `${base}.reliability.svg`,
    samples: samples ?? `${base}.samples.jsonl`,
  };
}

/**
 * Samples the questions that the samples file lacks, fits a probe to all of them, and writes it with its report. Ended
 * by its signal within one decode step, it goes on later from what was sampled. Throws `calibration.mismatch`,
 * `calibration.unbalanced`, `model.unsupported`, `store.unwritable` and `cancelled`.
 */
export async function calibrateModel(
  model: Model,
  task: CalibrationTask,
  signal: AbortSignal,
): Promise<Calibration> {
  requireEnough(task.questions);
  const sampled = await sampleAll(model, task, signal);
  let trained = 0;
  task.onProgress('Training', trained, trainingCount);
  const onTrained = (): void => {
    trained += 1;
    task.onProgress('Training', trained, trainingCount);
  };
  const calibration = await calibrateProbe(sampled, { ...task, onTrained }, signal);
  await writeCalibration(calibration, model, task);
  return calibration;
}

/** Samples of all questions, in the order of the questions whichever were done first. */
async function sampleAll(
  model: Model,
  { questions, plan, parallel, paths, onProgress }: CalibrationTask,
  signal: AbortSignal,
): Promise<readonly SampledQuestion[]> {
  const { identity } = model.info;
  const emptyPrompt = await renderChatTokens(model, chatMessages('', null, probedPromptStyle), signal);
  const promptHash = hashPromptText(emptyPrompt.text);
  const header = samplesHeader({ modelHash: identity.hash, modelName: identity.name, promptHash, plan });
  const file = await SamplesFile.open(paths.samples, header);
  try {
    const done = new Map(file.done);
    const missing = questions.filter(({ hash }) => !done.has(hash));
    let doneNow = 0;
    // Time left is counted from here.
    onProgress('Sampling', doneNow, missing.length);
    const onQuestion = async (one: SampledQuestion): Promise<void> => {
      await file.write(one);
      done.set(one.questionHash, one);
      doneNow += 1;
      onProgress('Sampling', doneNow, missing.length);
    };
    const fitting = parallelFitting(model.info.contextTokens, missing, { ...plan, parallel });
    await sampleQuestions(model, missing, { ...plan, parallel: fitting, onQuestion }, signal);
    return questions.flatMap(({ hash }) => done.get(hash) ?? []);
  } finally {
    await file.dispose();
  }
}

async function writeCalibration(
  calibration: Calibration,
  model: Model,
  { paths, plan, report }: CalibrationTask,
): Promise<void> {
  const { identity } = model.info;
  const plots = {
    scatter: path.basename(paths.scatter),
    reliability: path.basename(paths.reliability),
  };
  const { questions, thresholds, validation, probe } = calibration;
  await writeWhole(paths.scatter, plotScatter(questions, thresholds));
  await writeWhole(paths.reliability, plotReliability(validation.reliability));
  await writeWhole(paths.report, calibrationReport(calibration, { ...report, model: identity, plan, plots }));
  // Last: where a probe is, its report is too.
  await writeWhole(paths.probe, encodeProbe(probe.network, probeMetadata(calibration, identity)));
}

/** The file is there whole, or as it was before. */
async function writeWhole(filePath: string, content: string | Uint8Array): Promise<void> {
  try {
    await mkdir(path.dirname(filePath), { recursive: true });
    await replaceFile(filePath, content);
  } catch (thrown) {
    throw unwritable(thrown, filePath);
  }
}
