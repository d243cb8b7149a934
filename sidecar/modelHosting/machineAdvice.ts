import { realpath } from 'node:fs/promises';
import type { ModelPace } from '../../protocol/health.ts';
import type { InstalledModel, ServingRole } from '../../protocol/messages.ts';
import type { ThinkingFormat } from '../../protocol/thinking.ts';
import { batchTokens, outputRows } from '../engine/llama/decoding/batchPlanner.ts';
import { predictMemory } from '../engine/llama/loading/memoryNeed.ts';
import { identifyModel } from '../engine/llama/loading/modelIdentity.ts';
import { llamaVersion } from '../engine/llama/native/libraryLocation.ts';
import { paceOf } from '../engine/speeds/measuredSpeeds.ts';
import { newestSpeeds } from '../engine/speeds/speedFile.ts';
import { detectThinking } from '../engine/thinkingFormats.ts';
import { architectureOf, type GgufHeader, metadataNumber, metadataText } from '../gguf/ggufHeader.ts';
import { readGgufHeader } from '../gguf/readGgufHeader.ts';
import { findInCatalogue } from '../models/catalogue.ts';
import { adviseModels, type JudgedModel, type ModelAdvice } from '../models/modelAdvice.ts';
import { estimatedFileBytes, type ModelWork, workOf } from '../models/modelShape.ts';
import {
  checkEstimates,
  type EstimateCheck,
  estimatePace,
  type MeasuredWork,
} from '../models/paceEstimate.ts';
import { machineName } from '../process/machineName.ts';
import { present } from '../validation/fieldReader.ts';
import { machineMemory } from './memoryWatch.ts';
import { headerOfShape, workOfHeader } from './modelWork.ts';

/** Positions of the context that memory is predicted with. */
const usualContextTokens = 4_096;
/** Share of the machine's memory that models may have: the rest is for the editor and what runs beside it. */
const modelMemoryShare = 0.75;

/** What is known of a model before its speed is. */
interface SizedModel {
  readonly name: string;
  readonly isHere: boolean;
  readonly work: ModelWork | null;
  readonly memoryBytes: number | null;
  readonly worth: number;
  readonly serves: readonly ServingRole[];
  readonly thinking?: ThinkingFormat;
  /** Measured with this very file. */
  readonly pace: ModelPace | null;
}

export interface MachineAdvice {
  /** In the order of the models. */
  readonly judged: readonly JudgedModel[];
  readonly advice: ModelAdvice;
  /** What models may take of this machine's memory. */
  readonly memoryBytes: number;
  /** How estimates compare with the truth, for each model that was measured here. */
  readonly checks: readonly EstimateCheck[];
}

/**
 * Each model as it would be on this machine, measured or estimated from those that were, and what to use them for. Reads headers,
 * and loads nothing.
 */
export async function adviseMachine(models: readonly InstalledModel[]): Promise<MachineAdvice> {
  const sized = await Promise.all(models.map(sizeOf));
  const measured = sized.flatMap(({ name, work, pace }): readonly MeasuredWork[] =>
    work === null || pace === null ? [] : [{ name, work, pace }],
  );
  const judged = sized.map(({ work, pace, ...model }) => ({
    ...model,
    pace: pace ?? (work === null ? null : estimatePace(work, measured)),
    isMeasured: pace !== null,
  }));
  const memoryBytes = modelMemoryShare * machineMemory().totalBytes;
  return { judged, advice: adviseModels(judged, memoryBytes), memoryBytes, checks: checkEstimates(measured) };
}

/** The same in the words of the doctor. */
export async function adviceFacts(
  models: readonly InstalledModel[],
): Promise<{ readonly text: string; readonly checks: readonly EstimateCheck[] }> {
  const { advice, checks } = await adviseMachine(models);
  return { text: advice.text, checks };
}

async function sizeOf(model: InstalledModel): Promise<SizedModel> {
  const { name, path } = model;
  // A file that cannot be read is judged by nothing, as one whose shape nobody knows.
  const header = path === null ? null : await readGgufHeader(path).catch(() => null);
  if (path !== null && header !== null) return sizeOfFile(model, { path, header });
  const known = findInCatalogue(name);
  if (path !== null || known === null || known.shape === null)
    return { name, isHere: path !== null, work: null, memoryBytes: null, worth: 0, serves: [], pace: null };
  const { shape, serves } = known;
  const fileBytes = model.sizeBytes ?? estimatedFileBytes(shape);
  const work = workOf(shape, fileBytes);
  return {
    name,
    isHere: false,
    work,
    memoryBytes: memoryOf(headerOfShape(shape, fileBytes)),
    worth: worthOf(shape.weights, work),
    serves,
    pace: null,
  };
}

async function sizeOfFile(
  { name, sha256 }: InstalledModel,
  { path, header }: { readonly path: string; readonly header: GgufHeader },
): Promise<SizedModel> {
  const file = await realpath(path).catch(() => path);
  // What a load of the file as it is now would keep its speeds under.
  const modelHash = sha256 ?? (await identifyModel(path, header)).hash;
  const speeds = newestSpeeds(file, { modelHash, machine: machineName(), release: llamaVersion });
  const { weights, ...work } = workOfHeader(header);
  return {
    name,
    isHere: true,
    work,
    memoryBytes: memoryOf(header),
    worth: worthOf(weights, work),
    serves: findInCatalogue(name)?.serves ?? servesOf(header),
    pace: speeds === null ? null : paceOf(speeds),
    ...present({ thinking: thinkingOf(header) ?? undefined }),
  };
}

function thinkingOf(header: GgufHeader): ThinkingFormat | null {
  const template = metadataText(header, 'tokenizer.chat_template');
  return template === null ? null : detectThinking({ template, architecture: architectureOf(header) });
}

/** Null for numbers that no model can have. */
function memoryOf(header: GgufHeader): number | null {
  try {
    const shape = { contextTokens: usualContextTokens, cacheType: 'f16', batchTokens, outputRows } as const;
    return predictMemory(header, shape, []).totalBytes;
  } catch {
    return null;
  }
}

/** A mixture of experts is worth more than the weights that a token uses, and less than all of them. */
function worthOf(weights: number, { weightsPerPromptToken }: ModelWork): number {
  return Math.sqrt(weights * weightsPerPromptToken);
}

/** A file of unknown training answers, and completes where its vocabulary has tokens for that. */
function servesOf(header: GgufHeader): readonly ServingRole[] {
  const keys = ['tokenizer.ggml.fim_pre_token_id', 'tokenizer.ggml.prefix_token_id'];
  const completes = keys.some((key) => metadataNumber(header, key) !== null);
  return completes ? ['questions', 'completions'] : ['questions'];
}
