import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Ledger } from '../../protocol/budget.ts';
import { CodedError } from '../../protocol/codedError.ts';
import type { SpendingReport } from '../../protocol/spending.ts';
import type { Clock } from '../process/clock.ts';
import { isAbsent } from '../process/systemError.ts';
import { quarantineFile } from '../storage/quarantineFile.ts';
import { replaceFile } from '../storage/replaceFile.ts';
import { withWriteLock } from '../storage/withWriteLock.ts';
import {
  addBooks,
  bookText,
  dayOf,
  generatedIn,
  parseBook,
  type SpendingBook,
  spendingOf,
} from './spendingBook.ts';

/**
 * What requests have cost by day and model, in one file of the store. Any number of processes may book in it at once:
 * each adds to what is there, under a lock, and puts a whole file in its place. A file whose content is no count is put
 * aside under another name, and the count begins anew; one that cannot be read just now stays.
 */
export class DailySpending {
  readonly file: string;
  readonly #clock: Clock;
  readonly #log: (line: string) => void;
  /** Booked, and not in the file yet. */
  #pending: SpendingBook = [];
  /** The last write; each waits for the one before. Never rejects. */
  #writing: Promise<void> = Promise.resolve();
  #isQueued = false;

  /** `storePath` is the whole store's folder; nothing is made until something is booked. */
  constructor(storePath: string, clock: Clock, log: (line: string) => void) {
    this.file = path.join(storePath, 'spending.json');
    this.#clock = clock;
    this.#log = log;
  }

  /** Books a request that has ended. The file follows soon; where it cannot be written, the log says so. */
  book(model: string, ledger: Ledger): void {
    this.#pending = addBooks(this.#pending, [spendingOf(this.#today(), model, ledger)]);
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.#writing = this.#writing.then(async () => {
      this.#isQueued = false;
      try {
        await this.#write();
      } catch (thrown) {
        this.#log(`spending: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      }
    });
  }

  /** Resolves when all that was booked is in the file, or cannot be. */
  settled(): Promise<void> {
    return this.#writing;
  }

  /** What is known by now, that of other processes included. */
  async report(tokensPerDay: number | null): Promise<SpendingReport> {
    await this.settled();
    const known = (await this.#read().catch(() => null)) ?? [];
    const days = addBooks(known, this.#pending);
    const today = this.#today();
    const tokensToday = generatedIn(days.filter(({ day }) => day === today));
    return { today, days, tokensToday, tokensPerDay };
  }

  /** Forgets all of it. Throws `store.unwritable`. */
  async reset(): Promise<void> {
    await this.settled();
    this.#pending = [];
    try {
      await withWriteLock(this.file, this.#clock, () => rm(this.file, { force: true }));
    } catch (thrown) {
      throw this.#unwritable(thrown);
    }
  }

  async #write(): Promise<void> {
    await withWriteLock(this.file, this.#clock, async () => {
      const known = await this.#read();
      if (known === null) await this.#quarantineFile();
      const booked = this.#pending;
      this.#pending = [];
      try {
        await replaceFile(this.file, bookText(addBooks(known ?? [], booked)));
      } catch (thrown) {
        this.#pending = addBooks(booked, this.#pending);
        throw this.#unwritable(thrown);
      }
    });
  }

  /** Null where the file is there and holds no count. Throws system errors. */
  async #read(): Promise<SpendingBook | null> {
    try {
      return parseBook(await readFile(this.file, 'utf8'));
    } catch (thrown) {
      if (isAbsent(thrown)) return [];
      throw thrown;
    }
  }

  async #quarantineFile(): Promise<void> {
    const aside = await quarantineFile(this.file, this.#clock);
    this.#log(`spending: ${this.file} could not be read; it is kept as ${aside}, and the count begins anew`);
  }

  #unwritable(thrown: unknown): CodedError {
    return new CodedError(
      'store.unwritable',
      `What requests have cost could not be written to ${this.file}.`,
      'Free space there, or set ENTROPANE_HOME to a folder that can be written.',
      { cause: thrown },
    );
  }

  #today(): string {
    return dayOf(this.#clock.date());
  }
}
