// Locks between real processes, some of which are killed. No model is needed.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { uniformAt } from '../../sidecar/numeric/random.ts';
import { DailySpending } from '../../sidecar/spending/dailySpending.ts';
import { systemClock } from '../../sidecar/process/clock.ts';
import { buildProgram, ProgramProcess } from '../support/machine/builtProgram.ts';
import { temporaryFolder } from '../support/machine/temporaryFolder.ts';

/** Takes the lock that a message names and answers whether it was alone; `hold` keeps it. */
const taker = `
  import { closeSync, openSync, rmSync } from 'node:fs';
  import { stat } from 'node:fs/promises';
  import { withFileLock } from './storage/fileLock.ts';
  import { systemClock } from './process/clock.ts';
  const options = { clock: systemClock, pollMs: 1, onWait: () => undefined };
  const never = new AbortController().signal;
  async function work(lockPath) {
    const mark = lockPath + '.inside';
    try {
      closeSync(openSync(mark, 'wx'));
    } catch {
      return false;
    }
    for (let look = 0; look < 20; look++) await stat(mark);
    rmSync(mark);
    return true;
  }
  process.on('message', (message) => {
    const [order, lockPath] = message.split(' ');
    const hold = () => new Promise(() => process.send('holding'));
    const run = order === 'hold' ? hold : () => work(lockPath);
    withFileLock(lockPath, options, run, never).then((isAlone) => process.send(isAlone));
  });`;

const atOnce = 10;
/**
 * Books under its own name, ten at a time, and reports after each ten how many are on disk. From the booking on that
 * the last argument names it kills itself as soon as it has the lock, in the middle of its work.
 */
const bookkeeper = `
  import { readFileSync } from 'node:fs';
  import { emptyLedger } from '../protocol/budget.ts';
  import { DailySpending } from './spending/dailySpending.ts';
  import { systemClock } from './process/clock.ts';
  const [, , storePath, name, count, mortalFrom] = process.argv;
  const spending = new DailySpending(storePath, systemClock, (line) => {
    process.stderr.write(line + '\\n');
    process.exit(1);
  });
  function lockText() {
    try {
      return readFileSync(spending.file + '.lock', 'utf8');
    } catch {
      return '';
    }
  }
  function watchOwnLock() {
    if (Number(lockText().match(/[0-9]+/)) === process.pid) process.kill(process.pid, 'SIGKILL');
    setImmediate(watchOwnLock);
  }
  for (let booked = 0; booked < Number(count);) {
    for (let one = 0; one < ${atOnce}; one++, booked++) spending.book(name, emptyLedger);
    if (booked > Number(mortalFrom)) watchOwnLock();
    await spending.settled();
    process.send(booked);
  }
  process.disconnect();`;

async function built(program: string): Promise<{ readonly folder: string; readonly program: string }> {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  return { folder: folder.path, program: await buildProgram(program, folder.path) };
}

test('the lock of a killed process is taken over by one process at a time', async () => {
  const { folder, program } = await built(taker);
  const lockPath = path.join(folder, 'file.lock');
  const holder = new ProgramProcess(program);
  await holder.exchange(`hold ${lockPath}`);
  await holder[Symbol.asyncDispose]();
  const dead = await readFile(lockPath);
  const takers = Array.from({ length: 4 }, () => new ProgramProcess(program));
  for (const each of takers) onTestFinished(() => each[Symbol.asyncDispose]());
  let shared = 0;
  for (let round = 0; round < 100; round++) {
    await writeFile(lockPath, dead);
    const alone = await Promise.all(takers.map((each) => each.exchange(`take ${lockPath}`)));
    if (alone.includes(false)) shared += 1;
  }
  expect(shared).toBe(0);
});

interface Keeper {
  readonly name: string;
  /** Bookings that it has reported to be on disk. */
  booked: number;
  readonly isMortal: boolean;
}

test('8 processes of 1,000 bookings each lose none when 12 of them are killed with the lock', async () => {
  const { folder, program } = await built(bookkeeper);
  const keepers: Keeper[] = [];
  let deaths = 0;
  /** Books so many; what a killed process has not, the next one does. */
  const book = async (count: number, mortals: number): Promise<void> => {
    const isMortal = mortals > 0;
    const keeper: Keeper = { name: `keeper ${keepers.length}`, booked: 0, isMortal };
    keepers.push(keeper);
    const mortalFrom = isMortal ? Math.floor(uniformAt(7, 0, keepers.length) * count * 0.7) : Infinity;
    await using running = new ProgramProcess(program, [
      folder,
      keeper.name,
      String(count),
      String(mortalFrom),
    ]);
    running.child.on('message', (booked) => {
      keeper.booked = Number(booked);
    });
    await running.exited;
    if (running.child.signalCode === 'SIGKILL') deaths += 1;
    if (isMortal) await book(count - keeper.booked, mortals - 1);
  };
  await Promise.all(Array.from({ length: 8 }, (_, index) => book(1000, index % 2 === 0 ? 1 : 2)));

  const { days } = await new DailySpending(folder, systemClock, () => undefined).report(null);
  const found = new Map(days.map(({ model, requests }) => [model, requests]));
  const wrong = keepers.filter(({ name, booked, isMortal }) => {
    const onDisk = found.get(name) ?? 0;
    // A killed process may have written some that it could not report any more.
    return onDisk !== booked && !(isMortal && onDisk === booked + atOnce);
  });
  expect(wrong.map(({ name, booked }) => ({ name, booked, onDisk: found.get(name) }))).toEqual([]);
  expect(keepers.reduce((sum, { booked }) => sum + booked, 0)).toBe(8000);
  expect(deaths).toBe(12);
});
