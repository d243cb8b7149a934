import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import { withFileLock } from '../../fileLock.ts';
import type { Clock } from '../../trace/clock.ts';
import {
  emptyMemory,
  parseStrategyMemory,
  withLessons,
  type Lesson,
  type StrategyMemory,
} from './strategyMemory.ts';

/** How long a process waits for others that write. */
const longestWaitMs = 5000;
const pollMs = 10;

/** The memory of strategies in a store: one file, read whole, replaced whole, by one process at a time. */
export class StrategyMemoryFile {
  readonly path: string;
  readonly #clock: Clock;

  /** Nothing is made until something is learned. */
  constructor(storePath: string, clock: Clock) {
    this.path = path.join(storePath, 'strategyMemory.json');
    this.#clock = clock;
  }

  /** Empty where nothing was learned, or what is there cannot be read. Never rejects. */
  async read(): Promise<StrategyMemory> {
    const text = await readFile(this.path, 'utf8').catch(() => null);
    return (text === null ? null : parseStrategyMemory(text)) ?? emptyMemory;
  }

  /** Adds what a request taught. Throws `store.unwritable`. */
  async learn(signature: string, lessons: readonly Lesson[]): Promise<void> {
    if (lessons.length === 0) return;
    await this.#alone(async () => {
      const metAt = this.#clock.date().toISOString();
      const memory = withLessons(await this.read(), { signature, metAt }, lessons);
      const part = `${this.path}.part-${randomUUID()}`;
      try {
        await writeFile(part, `${JSON.stringify(memory, null, 1)}\n`);
        await rename(part, this.path);
      } finally {
        await rm(part, { force: true }).catch(() => undefined);
      }
    });
  }

  /** Forgets everything. Throws `store.unwritable`. */
  async clear(): Promise<void> {
    await this.#alone(() => rm(this.path, { force: true }));
  }

  async #alone(work: () => Promise<void>): Promise<void> {
    const options = { clock: this.#clock, pollMs, onWait: () => undefined };
    try {
      await mkdir(path.dirname(this.path), { recursive: true });
      await withFileLock(`${this.path}.lock`, options, work, AbortSignal.timeout(longestWaitMs));
    } catch (thrown) {
      throw new CodedError(
        'store.unwritable',
        `The memory of strategies could not be changed in ${path.dirname(this.path)}.`,
        'Free space there, or set ENTROPANE_HOME to a folder that can be written.',
        { cause: thrown },
      );
    }
  }
}
