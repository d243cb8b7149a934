import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import { UsageError, type Invocation, type OptionValues } from '../../../sidecar/cli/command.ts';
import { WorkProgress } from '../../../sidecar/cli/drawing/workProgress.ts';
import { machineStorePath } from '../../../sidecar/models/machineStore.ts';
import { systemClock } from '../../../sidecar/process/clock.ts';
import { valueHeadFolderOf, valueHeadPath } from '../../../sidecar/reasoning/value/valueHead.ts';
import { replaceFile } from '../../../sidecar/storage/replaceFile.ts';
import { defaultSettings } from '../../../sidecar/validation/sidecarSettings.ts';
import { unwritable } from '../samplesFile.ts';
import { fitSteps } from '../valueHead/fitValueHead.ts';
import { makeValueHead } from '../valueHead/makeValueHead.ts';
import { readHeadMaterial } from '../valueHead/readHeadMaterial.ts';
import type { calibrateOptions } from './calibrateOptions.ts';
import { valueHeadLines, valueReportLines } from './valueHeadLines.ts';
import { placeOf } from './valueSetTask.ts';

/** What the command line asks for. */
export interface ValueHeadRequest {
  readonly model: string;
  /** File of whole states; null for the one in the machine's store. */
  readonly statesPath: string | null;
  /** Folder of a packed set that is fitted to in its place; null for none. */
  readonly packedFolder: string | null;
  /** Null puts the head where it is used from. */
  readonly headPath: string | null;
}

/** Throws `UsageError` for options that exclude each other or are out of their range. */
export function valueHeadRequestFrom(
  values: OptionValues<typeof calibrateOptions>,
  positionals: readonly string[],
): ValueHeadRequest {
  if (positionals.length > 0) throw new UsageError('"calibrate" takes options alone.');
  if (values.questions !== undefined)
    throw new UsageError('--value-head samples nothing: leave out --questions.');
  if (values.raw !== undefined && values.packed !== undefined)
    throw new UsageError('--raw and --packed exclude each other.');
  const headPath = values.out ?? null;
  if (headPath !== null && path.extname(headPath) !== '.onnx')
    throw new UsageError('--out takes the name of an .onnx file.');
  return {
    model: values.model ?? defaultSettings.model,
    statesPath: values.raw ?? null,
    packedFolder: values.packed ?? null,
    headPath,
  };
}

/**
 * `entropane calibrate --value-head`: fits a head to a value set, prints how it did on questions that it never saw, and installs it
 * only where it beats a constant. May be ended at any time; nothing is changed until it is done.
 */
export async function runValueHead(
  { values, positionals, terminal }: Invocation<typeof calibrateOptions>,
  signal: AbortSignal,
): Promise<number> {
  const request = valueHeadRequestFrom(values, positionals);
  const isJson = values.json === true;
  const progress = new WorkProgress({ terminal, isJson }, systemClock);
  try {
    const place = await placeOf(request, progress, signal);
    const material = await readHeadMaterial(place, request.packedFolder);
    let done = 0;
    progress.report('Training', done, fitSteps);
    const made = await makeValueHead(
      material,
      {
        onFitted: () => {
          done += 1;
          progress.report('Training', done, fitSteps);
        },
        onReport: (report) => {
          progress.clear();
          if (!isJson) terminal.print(valueReportLines(report).join('\n'));
        },
      },
      signal,
    );
    const store = machineStorePath({ storePath: '', environment: process.env });
    const target = path.resolve(
      request.headPath ?? valueHeadPath(valueHeadFolderOf(store), { identity: place.identity }),
    );
    await install(target, made.file);
    const { report, fitted, rules } = made;
    terminal.print(
      isJson
        ? JSON.stringify({ type: 'result', head: target, report, fitted, ...rules })
        : [...valueHeadLines(made), `head: ${target}`].join('\n'),
    );
    return 0;
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    throw new CodedError(
      'cancelled',
      'The fit was stopped; no head was changed.',
      'Run the same command again.',
      {
        cause: thrown,
      },
    );
  } finally {
    progress.clear();
  }
}

async function install(target: string, bytes: Uint8Array): Promise<void> {
  try {
    await mkdir(path.dirname(target), { recursive: true });
    await replaceFile(target, bytes);
  } catch (thrown) {
    throw unwritable(thrown, target);
  }
}
