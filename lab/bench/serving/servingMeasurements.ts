import type { ModelIdentity } from '../../../protocol/traceEvent.ts';
import { AnswersFile, bundleRevision, type Kept } from '../infill/answersFile.ts';
import type { ServedText } from './servedText.ts';

/** Both sides of one pair, of the comparison of that name. */
export interface OverheadMeasurement {
  readonly part: 'overhead';
  readonly name: string;
  readonly round: number;
  readonly subject: ServedText;
  readonly baseline: ServedText;
}

/** All requests of so many clients at once. */
export interface ClientsMeasurement {
  readonly part: 'clients';
  readonly clients: number;
  readonly texts: readonly ServedText[];
  /** From the first request to the last end. */
  readonly durationMs: number;
}

export type ServingMeasurement = OverheadMeasurement | ClientsMeasurement;

/** What an interrupted run of the suite has measured so far; the suite removes it when all is measured. */
export async function openMeasurements(
  folder: string,
  of: {
    readonly modelName: string;
    readonly identity: ModelIdentity | undefined;
    readonly threads: number;
    readonly bundleFolder: string;
  },
): Promise<AnswersFile<ServingMeasurement>> {
  const hash = of.identity?.hash.slice(0, 8) ?? 'unknown';
  const revision = await bundleRevision(of.bundleFolder);
  const parts = ['server', of.modelName, hash, `threads${of.threads}`];
  // Written by this program: a line that is whole has all members.
  return AnswersFile.open(folder, parts, { revision, fromLine: (line) => line as Kept<ServingMeasurement> });
}
