import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { SkipMeasurement, SkipProfile } from './skipProfile.ts';

/**
 * The latest measurement of this very file on this machine, by whatever path it was named then. Null where there is none,
 * or where another file was written in its place since. Never rejects.
 */
export async function measurementOf(
  profile: SkipProfile,
  { path: filePath, pruningSha256 }: { readonly path: string; readonly pruningSha256: string },
  machine: string,
): Promise<SkipMeasurement | null> {
  const found = await stat(filePath).catch(() => null);
  if (found === null) return null;
  const file = await truePath(filePath);
  for (const measurement of profile.measurements) {
    if (measurement.machine !== machine || measurement.sizeBytes !== found.size) continue;
    if (measurement.pruningSha256 !== pruningSha256) continue;
    if ((await truePath(measurement.path)) === file) return measurement;
  }
  return null;
}

function truePath(file: string): Promise<string> {
  return realpath(file).catch(() => path.resolve(file));
}
