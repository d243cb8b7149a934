import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { GgufHeader } from '../gguf/ggufHeader.ts';
import { pruningSha256 } from './pruningRecord.ts';
import type { SkipMeasurement, SkipProfile } from './skipProfile.ts';

/**
 * The latest measurement of this very file on this machine, by whatever path it was named then. Null where there is none,
 * or where another file was written in its place since. Never rejects.
 */
export async function measurementOf(
  profile: SkipProfile,
  { path: filePath, header }: { readonly path: string; readonly header: GgufHeader },
  machine: string,
): Promise<SkipMeasurement | null> {
  const found = await stat(filePath).catch(() => null);
  if (found === null) return null;
  const file = await truePath(filePath);
  const pruned = pruningSha256(header);
  for (const measurement of profile.measurements) {
    if (measurement.machine !== machine || measurement.sizeBytes !== found.size) continue;
    if (measurement.pruningSha256 !== pruned) continue;
    if ((await truePath(measurement.path)) === file) return measurement;
  }
  return null;
}

function truePath(file: string): Promise<string> {
  return realpath(file).catch(() => path.resolve(file));
}
