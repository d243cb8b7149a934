import { constants, existsSync } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
import { toCodedError } from '../../protocol/codedError.ts';
import type { DoctorReport, InstalledModel } from '../../protocol/messages.ts';
import { freeMemoryBytes } from '../engine/llama/loading/freeMemory.ts';
import type { FileTrials } from '../engine/llama/trial/fileTrials.ts';
import { freeBytes } from '../models/diskErrors.ts';
import type { ModelStore } from '../models/modelStore.ts';
import { isOnnxRuntimePublished } from '../process/onnxRuntime.ts';
import type { Sandbox } from '../verify/confinement/sandbox.ts';
import { judgeMachine } from './judgeMachine.ts';
import { nvidiaDriverFiles } from './nvidiaDriver.ts';
import type {
  AdviceFacts,
  LibraryFacts,
  OnnxRuntimeFacts,
  ProcessorFacts,
  StoreFacts,
  WantedModel,
} from './machineFacts.ts';

export interface Examination {
  readonly models: ModelStore;
  /** Where earlier trial loads are looked up. */
  readonly trials: Pick<FileTrials, 'refusalOf'>;
  /** The `model` setting. */
  readonly wantedModel: string;
  /** How llama.cpp is looked at: its files, or loading it for real. Throws a coded error where it is unusable. */
  readonly inspectLibrary: () => Promise<Extract<LibraryFacts, { type: 'usable' }>>;
  /** What to use these models for on this machine. Never rejects. */
  readonly advise: (models: readonly InstalledModel[]) => Promise<AdviceFacts>;
  /** Looks for what test commands are confined with. Never rejects. */
  readonly inspectSandbox: () => Promise<Sandbox>;
}

/** Looks at this machine and says what is there and what to do about what is not. Changes nothing, asks no network. */
export async function examineMachine(examination: Examination): Promise<DoctorReport> {
  const { models, trials, wantedModel, advise, inspectLibrary, inspectSandbox } = examination;
  const [processor, library, onnxRuntime, wanted, known, store, sandbox] = await Promise.all([
    inspectProcessor(),
    inspectLibrary().catch((thrown: unknown): LibraryFacts => {
      return { type: 'unusable', error: toCodedError(thrown).toData() };
    }),
    inspectOnnxRuntime(),
    findWantedModel({ models, trials }, wantedModel),
    models.list(),
    inspectStore(models.folder),
    inspectSandbox(),
  ]);
  return judgeMachine({
    nodeVersion: process.versions.node,
    processor,
    hasNvidiaDriver: nvidiaDriverFiles(process.platform, process.env).some((file) => existsSync(file)),
    library,
    onnxRuntime,
    wantedModel: wanted,
    models: known,
    memory: { totalBytes: totalmem(), freeBytes: freeMemoryBytes() },
    store,
    advice: await advise(known),
    sandbox,
  });
}

async function inspectProcessor(): Promise<ProcessorFacts> {
  const processors = cpus();
  const listing = await readFile('/proc/cpuinfo', 'utf8').catch(() => null);
  const flags = listing === null ? null : /^(?:flags|Features)\s*:(.*)$/m.exec(listing)?.[1];
  return {
    name: processors[0]?.model.trim() ?? process.arch,
    logicalCount: processors.length,
    architecture: process.arch,
    features: flags?.trim().split(/\s+/) ?? null,
  };
}

async function inspectOnnxRuntime(): Promise<OnnxRuntimeFacts> {
  const { platform, arch } = process;
  if (!isOnnxRuntimePublished({ platform, arch }))
    return { type: 'unpublished', platform: `${platform}-${arch}` };
  try {
    const { env } = await import('onnxruntime-node');
    return { type: 'usable', version: env.versions.node ?? 'of unknown version' };
  } catch (thrown) {
    return { type: 'unusable', why: thrown instanceof Error ? firstLine(thrown.message) : String(thrown) };
  }
}

async function findWantedModel(
  { models, trials }: Pick<Examination, 'models' | 'trials'>,
  name: string,
): Promise<WantedModel> {
  try {
    const file = await models.resolve(name);
    const refusal = (await trials.refusalOf(file.path))?.toData() ?? null;
    return { type: 'here', name: file.name, path: file.path, sizeBytes: file.sizeBytes, refusal };
  } catch (thrown) {
    return { type: 'missing', name, error: toCodedError(thrown).toData() };
  }
}

/** The folder may not exist yet: what counts then is the nearest one above it that does. */
async function inspectStore(folder: string): Promise<StoreFacts> {
  let existing = folder;
  while (!existsSync(existing) && path.dirname(existing) !== existing) existing = path.dirname(existing);
  const isWritable = await access(existing, constants.W_OK).then(
    () => true,
    () => false,
  );
  return { folder, freeBytes: await freeBytes(existing).catch(() => null), isWritable };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
