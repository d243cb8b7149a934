import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isRecord } from '../../protocol/isRecord.ts';
import type { Clock } from '../process/clock.ts';
import { replaceFile } from '../storage/replaceFile.ts';
import { withWriteLock } from '../storage/withWriteLock.ts';
import type { CatalogueModel } from './catalogueModel.ts';

/** What arrived when a file of the hub was fetched first, for models whose hash no source has stated. */
export interface RecordedFile {
  readonly repository: string;
  readonly fileName: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** ISO 8601, UTC. */
  readonly recordedAt: string;
}

type HubPlace = CatalogueModel['hub'];

const version = 1;

/**
 * Hashes of files that were fetched without one to compare with: one file of the store, changed by one process at a time. What was
 * recorded is expected of every fetch and check after it, also when the model was removed meanwhile.
 */
export class RecordedFiles {
  readonly #file: string;
  readonly #clock: Clock;

  /** `storePath` is the whole store's folder; nothing is made until a file is recorded. */
  constructor(storePath: string, clock: Clock) {
    this.#file = path.join(storePath, 'recordedFiles.json');
    this.#clock = clock;
  }

  /** Null for a file that was never fetched here. */
  async find(place: HubPlace): Promise<RecordedFile | null> {
    return (await this.#read()).find((file) => isSamePlace(file, place)) ?? null;
  }

  /** Records what arrived, unless something was recorded before. Throws system errors. */
  async record(
    place: HubPlace,
    { sha256, sizeBytes }: Pick<RecordedFile, 'sha256' | 'sizeBytes'>,
  ): Promise<void> {
    await withWriteLock(this.#file, this.#clock, async () => {
      const files = await this.#read();
      if (files.some((file) => isSamePlace(file, place))) return;
      const recordedAt = this.#clock.date().toISOString();
      const { repository, fileName } = place;
      const all = [...files, { repository, fileName, sha256, sizeBytes, recordedAt }];
      await replaceFile(this.#file, `${JSON.stringify({ version, files: all }, null, 1)}\n`);
    });
  }

  /** Empty where nothing was recorded, or what is there cannot be read. */
  async #read(): Promise<readonly RecordedFile[]> {
    try {
      const value: unknown = JSON.parse(await readFile(this.#file, 'utf8'));
      if (!isRecord(value) || value['version'] !== version || !Array.isArray(value['files'])) return [];
      return value['files'].flatMap((item: unknown) => readRecorded(item) ?? []);
    } catch {
      return [];
    }
  }
}

function isSamePlace(file: HubPlace, place: HubPlace): boolean {
  return file.repository === place.repository && file.fileName === place.fileName;
}

function readRecorded(value: unknown): RecordedFile | null {
  if (!isRecord(value)) return null;
  const { repository, fileName, sha256, sizeBytes, recordedAt } = value;
  if (typeof repository !== 'string' || typeof fileName !== 'string' || typeof recordedAt !== 'string')
    return null;
  if (typeof sha256 !== 'string' || typeof sizeBytes !== 'number') return null;
  return { repository, fileName, sha256, sizeBytes, recordedAt };
}
