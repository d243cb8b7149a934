import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { isRecord } from '../../protocol/isRecord.ts';
import { readFileKey } from '../storage/fileKey.ts';
import { replaceFile } from '../storage/replaceFile.ts';
import { withWriteLock } from '../storage/withWriteLock.ts';
import type { Clock } from '../process/clock.ts';
import {
  isSameSubject,
  type TrialMemory,
  type TrialSubject,
  type TrialVerdict,
} from '../storage/trialMemory.ts';

/** One trial load: what was loaded, and what became of it. */
export interface TrialRecord extends TrialSubject {
  readonly verdict: TrialVerdict;
  /** ISO 8601, UTC. */
  readonly triedAt: string;
}

const version = 1;
/** The newest are kept: many times what a machine has of model files. */
const mostRecords = 1000;

/** Results of trial loads on this machine: one file of the store, changed by one process at a time. */
export class TrialRecords implements TrialMemory {
  readonly #file: string;
  readonly #clock: Clock;

  /** `storePath` is the whole store's folder; nothing is made until the first record is kept. */
  constructor(storePath: string, clock: Clock) {
    this.#file = path.join(storePath, 'modelTrials.json');
    this.#clock = clock;
  }

  /** All of them, oldest first; none where there is no file, or one that cannot be read: that costs a trial each. */
  async list(): Promise<readonly TrialRecord[]> {
    const text = await readFile(this.#file, 'utf8').catch(() => null);
    return text === null ? [] : parseTrialRecords(text);
  }

  async find(subject: TrialSubject): Promise<TrialVerdict | null> {
    return (await this.list()).findLast((record) => isSameSubject(record, subject))?.verdict ?? null;
  }

  /** Keeps a verdict in the place of earlier ones on the same paths. Throws system errors. */
  async keep(subject: TrialSubject, verdict: TrialVerdict): Promise<void> {
    const record: TrialRecord = { ...subject, verdict, triedAt: this.#clock.date().toISOString() };
    await this.#change((records) => [...records.filter((other) => !isSamePlace(other, subject)), record]);
  }

  /** Forgets what is known of the file at a path, so that it is tried again. Returns how many records there were. */
  async release(filePath: string): Promise<number> {
    const isOfFile = ({ file }: TrialRecord): boolean => file.path === filePath;
    const count = (await this.list()).filter(isOfFile).length;
    if (count > 0) await this.#change((records) => records.filter((record) => !isOfFile(record)));
    return count;
  }

  async #change(change: (records: readonly TrialRecord[]) => readonly TrialRecord[]): Promise<void> {
    await withWriteLock(this.#file, this.#clock, async () => {
      const trials = change(await this.list()).slice(-mostRecords);
      await replaceFile(this.#file, `${JSON.stringify({ version, trials }, null, 2)}\n`);
    });
  }
}

function isSamePlace(first: TrialSubject, second: TrialSubject): boolean {
  return first.file.path === second.file.path && first.base?.path === second.base?.path;
}

/** The records in the file's text; those that are not as this version writes them are left out. Pure. */
function parseTrialRecords(text: string): readonly TrialRecord[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  if (!isRecord(value) || value['version'] !== version || !Array.isArray(value['trials'])) return [];
  return value['trials'].flatMap((item: unknown) => readRecord(item) ?? []);
}

function readRecord(value: unknown): TrialRecord | null {
  if (!isRecord(value)) return null;
  const { release, triedAt } = value;
  const [file, verdict] = [readFileKey(value['file']), readVerdict(value['verdict'])];
  const base = value['base'] === null ? null : readFileKey(value['base']);
  if (file === null || verdict === null || (base === null && value['base'] !== null)) return null;
  if (typeof release !== 'string' || typeof triedAt !== 'string') return null;
  return { file, base, release, verdict, triedAt };
}

function readVerdict(value: unknown): TrialVerdict | null {
  if (!isRecord(value)) return null;
  const { type, how } = value;
  if (type === 'passed' || type === 'killedOnce') return { type };
  return type === 'quarantined' && typeof how === 'string' ? { type, how } : null;
}
