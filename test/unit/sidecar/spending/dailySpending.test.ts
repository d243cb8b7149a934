import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { emptyLedger, type Ledger } from '../../../../protocol/budget.ts';
import { type Clock, systemClock } from '../../../../sidecar/process/clock.ts';
import { DailySpending } from '../../../../sidecar/spending/dailySpending.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

const ledger: Ledger = { tokens: { ...emptyLedger.tokens, prompt: 50, answer: 10 }, durationMs: 100 };

function bookIn(folder: string, clock: Clock = systemClock) {
  const notes: string[] = [];
  return { notes, spending: new DailySpending(folder, clock, (line) => notes.push(line)) };
}

test('what is booked is on disk for whoever opens the store next', async () => {
  await using folder = await temporaryFolder();
  const store = path.join(folder.path, 'made when first written');
  const { spending } = bookIn(store);
  spending.book('a', ledger);
  spending.book('a', ledger);
  spending.book('b', ledger);
  await spending.settled();
  const report = await bookIn(store).spending.report(100);
  expect(report).toMatchObject({ tokensToday: 30, tokensPerDay: 100 });
  expect(report.days.map(({ model, requests }) => [model, requests])).toEqual([
    ['a', 2],
    ['b', 1],
  ]);
  expect(await readdir(store)).toEqual(['spending.json']);
});

test('a day ends at midnight of this machine', async () => {
  await using folder = await temporaryFolder();
  let date = new Date(2026, 2, 1, 23, 59);
  const { spending } = bookIn(folder.path, { ...systemClock, date: () => date });
  spending.book('a', ledger);
  date = new Date(2026, 2, 2, 0, 1);
  spending.book('a', ledger);
  const { days, tokensToday } = await spending.report(null);
  expect(days.map(({ day }) => day)).toEqual(['2026-03-02', '2026-03-01']);
  expect(tokensToday).toBe(10);
});

test('several books of one file lose nothing to each other', async () => {
  await using folder = await temporaryFolder();
  const books = Array.from({ length: 4 }, () => bookIn(folder.path).spending);
  for (let round = 0; round < 10; round++) {
    for (const spending of books) spending.book('a', ledger);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(books.map((spending) => spending.settled()));
  expect((await bookIn(folder.path).spending.report(null)).days).toMatchObject([{ requests: 40 }]);
});

test('several processes lose nothing to each other', async () => {
  await using folder = await temporaryFolder();
  const sources = path.resolve(import.meta.dirname, '../../../../sidecar');
  const program = path.join(folder.path, 'bookTwentyTimes.mjs');
  await build({
    stdin: {
      contents: `
        import { DailySpending } from './spending/dailySpending.ts';
        import { systemClock } from './process/clock.ts';
        const spending = new DailySpending(process.argv[2], systemClock, console.error);
        for (let round = 0; round < 20; round++) {
          spending.book('a', ${JSON.stringify(ledger)});
          await spending.settled();
        }`,
      resolveDir: sources,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: program,
  });
  const children = Array.from({ length: 3 }, () =>
    spawn(process.execPath, [program, folder.path], { stdio: ['ignore', 'ignore', 'inherit'] }),
  );
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0] as unknown));
  expect(codes).toEqual([0, 0, 0]);
  expect((await bookIn(folder.path).spending.report(null)).days).toMatchObject([{ requests: 60 }]);
});

test('a file that cannot be read is put aside, and the count begins anew', async () => {
  await using folder = await temporaryFolder();
  const { spending, notes } = bookIn(folder.path);
  await writeFile(spending.file, '{"version":1,"rows":[{"da');
  expect((await spending.report(null)).days).toEqual([]);
  spending.book('a', ledger);
  await spending.settled();
  expect((await spending.report(null)).days).toMatchObject([{ requests: 1 }]);
  expect(await readFile(`${spending.file}.unreadable`, 'utf8')).toContain('"da');
  expect(notes).toHaveLength(1);
});

test('what cannot be written is kept in mind, said once a try, and no request fails', async () => {
  await using folder = await temporaryFolder();
  const store = path.join(folder.path, 'store');
  await writeFile(store, 'a file where the folder should be');
  const { spending, notes } = bookIn(store);
  spending.book('a', ledger);
  await spending.settled();
  expect(notes).toHaveLength(1);
  expect((await spending.report(null)).tokensToday).toBe(10);
});

test('a reset forgets all, on disk too, and a store without a file has nothing to forget', async () => {
  await using folder = await temporaryFolder();
  const { spending } = bookIn(folder.path);
  spending.book('a', ledger);
  await spending.reset();
  expect((await spending.report(null)).days).toEqual([]);
  expect(await readdir(folder.path)).toEqual([]);
  await bookIn(path.join(folder.path, 'not there')).spending.reset();
  await mkdir(path.join(folder.path, 'empty'));
  await bookIn(path.join(folder.path, 'empty')).spending.reset();
});
