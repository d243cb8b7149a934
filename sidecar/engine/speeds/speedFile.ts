import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isRecord } from '../../../protocol/isRecord.ts';
import { systemErrorCode } from '../../process/systemError.ts';
import { moveFileBlocking } from '../../storage/moveFile.ts';
import type { BatchCurve } from '../speculation/batchCost.ts';
import { type MeasuredSpeeds, nothingMeasured } from './measuredSpeeds.ts';

/** What speeds were measured on. Any difference makes them other speeds. */
export interface SpeedKey {
  /** Hash of the model file. */
  readonly modelHash: string;
  /** Threads that were asked for; 0 for those that were measured to be best. */
  readonly requestedThreads: number;
  /** The processor and how many threads it offers, as `machineName` has it. */
  readonly machine: string;
  /** Where the layers are. */
  readonly backend: string;
  /** Release of llama.cpp. */
  readonly release: string;
}

/** Records kept for one model: machines that share a store, thread counts. */
const mostRecords = 8;
const fileVersion = 1;

interface SpeedRecord extends SpeedKey {
  readonly speeds: MeasuredSpeeds;
}

/** Where the speeds of a model file lie: beside it. */
export function speedFilePathOf(modelPath: string): string {
  return `${modelPath}.speeds.json`;
}

/**
 * Speeds of one model under one key. Both threads of a process may use it, and other processes: what is lost between a read and
 * a write of two of them is measured again. Reads and writes block, and are of a few kilobytes.
 */
export class SpeedFile {
  readonly #path: string;
  readonly #key: SpeedKey;

  constructor(modelPath: string, key: SpeedKey) {
    this.#path = speedFilePathOf(modelPath);
    this.#key = key;
  }

  /** What is kept for exactly this key; nothing where there is no file, or one that is damaged: then it is measured again. */
  read(): MeasuredSpeeds {
    return readKept(this.#path).find((kept) => isSameKey(kept, this.#key))?.speeds ?? nothingMeasured;
  }

  /** Keeps a part in place of what was known of it; where nothing can be written it is measured again. */
  keep(part: Partial<MeasuredSpeeds>): void {
    const kept = readKept(this.#path);
    const own = kept.find((record) => isSameKey(record, this.#key));
    const others = kept.filter((record) => record !== own);
    const record: SpeedRecord = { ...this.#key, speeds: { ...(own?.speeds ?? nothingMeasured), ...part } };
    write(this.#path, [record, ...others].slice(0, mostRecords));
  }
}

/**
 * The newest speeds of a model file on a machine with a release of llama.cpp, whatever its threads and devices: for lists, which
 * load nothing. Null where there are none of the file with this hash: another file may have been put in its place.
 */
export function newestSpeeds(
  modelPath: string,
  { modelHash, machine, release }: Pick<SpeedKey, 'modelHash' | 'machine' | 'release'>,
): MeasuredSpeeds | null {
  const here = readKept(speedFilePathOf(modelPath)).filter(
    (kept) => kept.modelHash === modelHash && kept.machine === machine && kept.release === release,
  );
  // Threads that were asked for are an exception, which what is planned for does not have.
  return (here.find(({ requestedThreads }) => requestedThreads === 0) ?? here[0])?.speeds ?? null;
}

function write(path: string, records: readonly SpeedRecord[]): void {
  // One name for all writers, so that what a killed process leaves is used up by the next. Two that write at once may leave a
  // damaged file, which counts as none.
  const partPath = `${path}.part`;
  try {
    writeFileSync(partPath, `${JSON.stringify({ version: fileVersion, records })}\n`);
    moveFileBlocking(partPath, path);
  } catch (thrown) {
    if (systemErrorCode(thrown) === null) throw thrown;
    rmSync(partPath, { force: true });
  }
}

function readKept(path: string): readonly SpeedRecord[] {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (!isRecord(value) || value['version'] !== fileVersion || !Array.isArray(value['records'])) return [];
    return value['records'].flatMap((item: unknown) => readRecord(item) ?? []);
  } catch {
    // No file, or none that can be read: measuring again costs seconds and loses nothing.
    return [];
  }
}

function isSameKey(a: SpeedKey, b: SpeedKey): boolean {
  return (
    a.modelHash === b.modelHash &&
    a.requestedThreads === b.requestedThreads &&
    a.machine === b.machine &&
    a.backend === b.backend &&
    a.release === b.release
  );
}

function readRecord(value: unknown): SpeedRecord | null {
  if (!isRecord(value) || !isRecord(value['speeds'])) return null;
  const { modelHash, requestedThreads, machine, backend, release } = value;
  if (typeof modelHash !== 'string' || typeof requestedThreads !== 'number') return null;
  if (typeof machine !== 'string' || typeof backend !== 'string' || typeof release !== 'string') return null;
  const { threads, curve, isCurveSteady, sequences, prefillMsPerToken, loadedBytes } = value['speeds'];
  const speeds: MeasuredSpeeds = {
    threads: readThreads(threads),
    curve: readCurve(curve),
    isCurveSteady: isCurveSteady === true,
    sequences: readCurve(sequences),
    prefillMsPerToken: positive(prefillMsPerToken),
    loadedBytes: positive(loadedBytes),
  };
  return { modelHash, requestedThreads, machine, backend, release, speeds };
}

function readThreads(value: unknown): MeasuredSpeeds['threads'] {
  if (!isRecord(value)) return null;
  const [decode, prefill] = [positive(value['decode']), positive(value['prefill'])];
  if (decode === null || prefill === null || !Number.isInteger(decode) || !Number.isInteger(prefill))
    return null;
  return { decode, prefill };
}

function positive(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : null;
}

/** Starts at one token, ascends and takes time; null for anything else. */
function readCurve(value: unknown): BatchCurve | null {
  if (!Array.isArray(value)) return null;
  const curve = value.flatMap((point: unknown) => {
    if (!isRecord(point)) return [];
    const [tokens, durationMs] = [positive(point['tokens']), positive(point['durationMs'])];
    return tokens === null || durationMs === null ? [] : [{ tokens, durationMs }];
  });
  const isAscending = curve.every(({ tokens }, at) =>
    at === 0 ? tokens === 1 : Number.isInteger(tokens) && tokens > (curve[at - 1]?.tokens ?? 0),
  );
  return isAscending && curve.length > 0 && curve.length === value.length ? curve : null;
}
