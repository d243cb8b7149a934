import { open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { CodedError } from '../../protocol/codedError.ts';
import type { CatalogueModel, PackageMirror } from './catalogueModel.ts';
import { freeBytes, requireSpace } from './diskErrors.ts';
import { hashFile } from './fileHash.ts';
import { fileSize } from './fileSize.ts';
import { downloadResumably, type DownloadTiming } from './hubDownload.ts';
import { assembleWheels, downloadWheels, keptWheelBytes } from './packageMirror.ts';
import type { ProgressReporter } from './progressReporter.ts';
import { fileKeyOf } from '../storage/fileKey.ts';
import { moveFile } from '../storage/moveFile.ts';
import type { VerifiedStamps } from './verifiedStamps.ts';

export interface FetchPlan {
  readonly model: CatalogueModel;
  /** Exists and can be written. */
  readonly folder: string;
  /** Origin of the model hub, such as `https://huggingface.co`. */
  readonly hubEndpoint: string;
  readonly pip: readonly string[] | null;
  readonly timing: DownloadTiming;
  readonly progress: ProgressReporter;
  /** Gets the hash of what was fetched. */
  readonly stamps: VerifiedStamps;
  /** The hash and the size that the file must have; null where nothing is known of them. */
  readonly expected: { readonly sha256: string; readonly sizeBytes: number } | null;
  /** Called with what arrived where nothing was expected. */
  readonly record: (arrived: { readonly sha256: string; readonly sizeBytes: number }) => Promise<void>;
}

/** What a fetch leaves in the store while it is under way, and a cancelled one after it. */
function unfinishedPathsOf(modelPath: string): { readonly part: string; readonly wheels: string } {
  return { part: `${modelPath}.part`, wheels: `${modelPath}.wheels` };
}

/**
 * Brings one model into the store: from the hub, or from the package mirror when the hub cannot be reached; checked
 * by SHA-256, then moved into place in one step. Runs under the model's lock. Throws `download.corrupt` (the bytes
 * are removed), `download.failed` (they are kept), `disk.full`, `store.unwritable`, or the abort reason.
 */
export async function fetchIntoStore(plan: FetchPlan, signal: AbortSignal): Promise<void> {
  const modelPath = path.join(plan.folder, plan.model.fileName);
  const { part, wheels } = unfinishedPathsOf(modelPath);
  const sha256 = await download(plan, { part, wheels }, signal);
  const problem = await problemOf(plan, part, sha256);
  if (problem !== null) {
    await Promise.all([rm(part, { force: true }), rm(wheels, { recursive: true, force: true })]);
    throw problem;
  }
  await flush(part);
  if (plan.expected === null) await plan.record({ sha256, sizeBytes: (await stat(part)).size });
  await moveFile(part, modelPath);
  // Moving it gave it a new change time. The folder is the store's own, where files are only moved into place.
  await plan.stamps.keep(modelPath, await fileKeyOf(modelPath), sha256);
  await rm(wheels, { recursive: true, force: true });
}

/** Why what arrived is not kept; null for the right file. */
async function problemOf(
  { model: { name }, expected }: FetchPlan,
  part: string,
  sha256: string,
): Promise<CodedError | null> {
  if (expected === null) {
    if (await beginsAsGguf(part)) return null;
    return new CodedError(
      'download.corrupt',
      `What arrived for ${name} is not a GGUF file. It has been removed.`,
      'Check the name of the file on the hub, and whether it can be downloaded without signing in.',
    );
  }
  if (sha256 === expected.sha256) return null;
  return new CodedError(
    'download.corrupt',
    `What arrived for ${name} is not the file that is expected (SHA-256 ${sha256}). It has been removed.`,
    'Fetch the model again; if this repeats, the file was changed on the server, or on its way here.',
  );
}

async function beginsAsGguf(filePath: string): Promise<boolean> {
  const file = await open(filePath, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1', 0, bytesRead) === 'GGUF';
  } finally {
    await file.close();
  }
}

interface UnfinishedPaths {
  readonly part: string;
  readonly wheels: string;
}

/** Returns the SHA-256 of the part file once all of it is there. */
async function download(plan: FetchPlan, paths: UnfinishedPaths, signal: AbortSignal): Promise<string> {
  try {
    return await downloadFromHub(plan, paths, signal);
  } catch (hubError) {
    if (!(hubError instanceof CodedError) || hubError.code !== 'download.failed') throw hubError;
    const { mirror, sizeBytes } = plan.model;
    if (mirror === null || sizeBytes === null) throw hubError;
    try {
      return await downloadFromMirror(plan, { ...paths, mirror, sizeBytes }, signal);
    } catch (mirrorError) {
      if (!(mirrorError instanceof CodedError) || mirrorError.code !== 'download.failed') throw mirrorError;
      throw new CodedError(
        'download.failed',
        `${plan.model.name} could not be fetched. ${hubError.message} ${mirrorError.message}`,
        `${mirrorError.remedy} Without a network, give the path of a GGUF file as the model.`,
        { cause: mirrorError },
      );
    }
  }
}

async function downloadFromHub(
  plan: FetchPlan,
  paths: UnfinishedPaths,
  signal: AbortSignal,
): Promise<string> {
  const { model, progress, expected } = plan;
  progress.from('hub');
  const present = (await fileSize(paths.part)) ?? 0;
  const sizeBytes = expected?.sizeBytes ?? model.sizeBytes;
  const needSpace = async (size: number, presentBytes: number): Promise<void> => {
    requireSpace(plan.folder, size - presentBytes, await freeBytes(plan.folder));
  };
  if (sizeBytes !== null) await needSpace(sizeBytes, present);
  progress.report('download', present, sizeBytes);
  await downloadResumably(
    {
      url: `${plan.hubEndpoint}/${model.hub.repository}/resolve/main/${model.hub.fileName}`,
      partPath: paths.part,
      sizeBytes,
      isHashKnown: expected !== null,
      onBytes: (doneBytes, totalBytes) => {
        progress.report('download', doneBytes, totalBytes);
      },
      onSize: needSpace,
      timing: plan.timing,
    },
    signal,
  );
  const arrivedBytes = (await fileSize(paths.part)) ?? 0;
  progress.report('verify', 0, arrivedBytes);
  return hashFile(
    paths.part,
    (done) => {
      progress.report('verify', done, arrivedBytes);
    },
    signal,
  );
}

async function downloadFromMirror(
  plan: FetchPlan,
  {
    part,
    wheels,
    mirror,
    sizeBytes,
  }: UnfinishedPaths & { readonly mirror: PackageMirror; readonly sizeBytes: number },
  signal: AbortSignal,
): Promise<string> {
  const { progress } = plan;
  progress.from('packageMirror');
  // Wheels and the file made of them are on disk together for a moment.
  const present = (await keptWheelBytes(mirror, wheels)) + ((await fileSize(part)) ?? 0);
  const needed = mirror.sizeBytes + sizeBytes - present;
  requireSpace(plan.folder, needed, await freeBytes(plan.folder));
  progress.report('download', 0, mirror.sizeBytes);
  const wheelPaths = await downloadWheels(
    {
      mirror,
      wheelsFolder: wheels,
      pip: plan.pip,
      onBytes: (doneBytes) => {
        progress.report('download', doneBytes, mirror.sizeBytes);
      },
    },
    signal,
  );
  try {
    progress.report('assemble', 0, sizeBytes);
    return await assembleWheels(
      wheelPaths,
      mirror.wheels,
      {
        outputPath: part,
        sizeBytes,
        onBytes: (doneBytes) => {
          progress.report('assemble', doneBytes, sizeBytes);
        },
      },
      signal,
    );
  } catch (thrown) {
    // The hub download cannot go on from a half-joined file in every case: start it anew.
    await rm(part, { force: true });
    if (thrown instanceof CodedError && thrown.code === 'download.corrupt') {
      await rm(wheels, { recursive: true, force: true });
    }
    throw thrown;
  }
}

/** Without it a power cut could leave a file of the right name and size with holes in it. */
async function flush(filePath: string): Promise<void> {
  const file = await open(filePath, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
