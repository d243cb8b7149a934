import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CodedError } from '../../protocol/codedError.ts';
import type { Clock } from '../process/clock.ts';
import { replaceFile } from '../storage/replaceFile.ts';
import { withWriteLock } from '../storage/withWriteLock.ts';
import {
  parseSkipProfile,
  profileVersion,
  type SkipMeasurement,
  type SkipProfile,
  withMeasurement,
} from './skipProfile.ts';

/** Skip profiles of a store, one file a model, changed by one process at a time. */
export class SkipProfileStore {
  readonly #folder: string;
  readonly #clock: Clock;

  /** `storePath` is the whole store's folder; nothing is made until the first measurement is kept. */
  constructor(storePath: string, clock: Clock) {
    this.#folder = path.join(storePath, 'skipProfiles');
    this.#clock = clock;
  }

  /** Null where nothing was measured, or what is there cannot be read by this version. */
  async read(sourceSha256: string): Promise<SkipProfile | null> {
    const text = await readFile(this.#pathOf(sourceSha256), 'utf8').catch(() => null);
    return text === null ? null : parseSkipProfile(text, sourceSha256);
  }

  /** Keeps a measurement in the place of an earlier one of the same file and machine. Throws `store.unwritable`. */
  async add(
    source: { readonly sha256: string; readonly name: string },
    measurement: SkipMeasurement,
  ): Promise<SkipProfile> {
    const target = this.#pathOf(source.sha256);
    const empty: SkipProfile = {
      version: profileVersion,
      sourceSha256: source.sha256,
      sourceName: source.name,
      measurements: [],
    };
    try {
      return await withWriteLock(target, this.#clock, async () => {
        const profile = withMeasurement((await this.read(source.sha256)) ?? empty, measurement);
        await replaceFile(target, `${JSON.stringify(profile, null, 2)}\n`);
        return profile;
      });
    } catch (thrown) {
      throw new CodedError(
        'store.unwritable',
        `What was measured could not be kept in ${this.#folder}.`,
        'Free space there, or set ENTROPANE_HOME to a folder that can be written.',
        { cause: thrown },
      );
    }
  }

  #pathOf(sourceSha256: string): string {
    return path.join(this.#folder, `${sourceSha256}.json`);
  }
}
