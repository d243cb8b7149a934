import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { CodedError } from '../../../protocol/codedError.ts';
import type { Clock } from '../../process/clock.ts';
import { isAbsent } from '../../process/systemError.ts';
import { quarantineFile } from '../../storage/quarantineFile.ts';
import { replaceFile } from '../../storage/replaceFile.ts';
import { withWriteLock } from '../../storage/withWriteLock.ts';
import {
  emptyMemory,
  type StrategyOutcome,
  parseStrategyMemory,
  type StrategyMemory,
  withOutcomes,
} from './strategyMemory.ts';

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

  /** Adds what a request taught; a file that holds no memory is put aside first. Throws `store.unwritable`. */
  async learn(signature: string, outcomes: readonly StrategyOutcome[]): Promise<void> {
    if (outcomes.length === 0) return;
    await this.#alone(async () => {
      const metAt = this.#clock.date().toISOString();
      const memory = withOutcomes(await this.#known(), { signature, metAt }, outcomes);
      await replaceFile(this.path, `${JSON.stringify(memory, null, 1)}\n`);
    });
  }

  /** What is to be added to. Throws system errors, so that nothing takes the place of what cannot be read just now. */
  async #known(): Promise<StrategyMemory> {
    try {
      const memory = parseStrategyMemory(await readFile(this.path, 'utf8'));
      if (memory === null) await quarantineFile(this.path, this.#clock);
      return memory ?? emptyMemory;
    } catch (thrown) {
      if (isAbsent(thrown)) return emptyMemory;
      throw thrown;
    }
  }

  /** Forgets everything. Throws `store.unwritable`. */
  async clear(): Promise<void> {
    await this.#alone(() => rm(this.path, { force: true }));
  }

  async #alone(work: () => Promise<void>): Promise<void> {
    try {
      await withWriteLock(this.path, this.#clock, work);
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
