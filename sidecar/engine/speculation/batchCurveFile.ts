import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isRecord } from '../../../protocol/isRecord.ts';
import { systemErrorCode } from '../../process/systemError.ts';
import { moveFileBlocking } from '../../storage/moveFile.ts';
import type { BatchCurve } from './batchCost.ts';

/** What a curve was measured on. Any difference makes it another curve. */
export interface CurveKey {
  /** Hash of the model file. */
  readonly modelHash: string;
  readonly threads: number;
  /** Processor or device, and the release of llama.cpp. */
  readonly machine: string;
}

/** Curves kept for one model: machines that share a store, thread counts. */
const mostCurves = 8;
const fileVersion = 1;

interface KeptCurve extends CurveKey {
  readonly curve: BatchCurve;
}

/** Where the curves of a model file lie: beside it. */
export function batchCurvePathOf(modelPath: string): string {
  return `${modelPath}.batchCost.json`;
}

/** The curve kept for exactly this key; null where there is none, or the file is damaged: then it is measured again. */
export function readBatchCurve(path: string, key: CurveKey): BatchCurve | null {
  return readKept(path).find((kept) => isSameKey(kept, key))?.curve ?? null;
}

/**
 * Keeps a curve in place of the one with the same key, or none for this key. Atomic; where nothing can be written it is
 * measured again.
 */
export function writeBatchCurve(path: string, key: CurveKey, curve: BatchCurve | null): void {
  const others = readKept(path).filter((kept) => !isSameKey(kept, key));
  const own: readonly KeptCurve[] = curve === null ? [] : [{ ...key, curve }];
  const curves = [...own, ...others].slice(0, mostCurves);
  const partPath = `${path}.${process.pid}.part`;
  try {
    writeFileSync(partPath, `${JSON.stringify({ version: fileVersion, curves })}\n`);
    moveFileBlocking(partPath, path);
  } catch (thrown) {
    if (systemErrorCode(thrown) === null) throw thrown;
    rmSync(partPath, { force: true });
  }
}

function readKept(path: string): readonly KeptCurve[] {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (!isRecord(value) || value['version'] !== fileVersion || !Array.isArray(value['curves'])) return [];
    return value['curves'].filter(isKeptCurve);
  } catch {
    // No file, or none that can be read: measuring again costs a second and loses nothing.
    return [];
  }
}

function isSameKey(a: CurveKey, b: CurveKey): boolean {
  return a.modelHash === b.modelHash && a.threads === b.threads && a.machine === b.machine;
}

function isKeptCurve(value: unknown): value is KeptCurve {
  if (!isRecord(value)) return false;
  const { modelHash, threads, machine, curve } = value;
  const isKeyed = typeof modelHash === 'string' && typeof threads === 'number' && typeof machine === 'string';
  return isKeyed && Array.isArray(curve) && isCurve(curve);
}

/** Starts at one token, ascends, and takes time. */
function isCurve(points: readonly unknown[]): boolean {
  let before = 0;
  for (const point of points) {
    if (!isRecord(point)) return false;
    const { tokens, durationMs } = point;
    if (typeof tokens !== 'number' || typeof durationMs !== 'number') return false;
    if (!Number.isInteger(tokens) || tokens <= before || !(durationMs > 0)) return false;
    if (before === 0 && tokens !== 1) return false;
    before = tokens;
  }
  return points.length > 1;
}
