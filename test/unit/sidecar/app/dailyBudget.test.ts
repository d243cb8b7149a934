import { expect, test } from 'vitest';
import { emptyLedger } from '../../../../protocol/budget.ts';
import { DailyBudget } from '../../../../sidecar/app/dailyBudget.ts';
import { systemClock } from '../../../../sidecar/process/clock.ts';
import { DailySpending } from '../../../../sidecar/spending/dailySpending.ts';
import { temporaryFolder } from '../../../support/machine/temporaryFolder.ts';

/** Takes all that is left, up to what it is given. */
const upTo = (tokens: number) => (left: number) => ({
  choices: { budget: { generatedTokens: Math.min(tokens, left) } },
});
const spent = (answer: number) => ({ tokens: { ...emptyLedger.tokens, answer }, durationMs: 1 });

function budgetOf(folder: string, tokensPerDay: number): DailyBudget {
  const spending = new DailySpending(folder, systemClock, () => undefined);
  return new DailyBudget(
    () => spending,
    () => tokensPerDay,
    { note: () => undefined },
  );
}

test('requests that begin at once share the day, and what they do not take goes to those after them', async () => {
  await using folder = await temporaryFolder();
  const daily = budgetOf(folder.path, 1000);
  const [first, second, third] = await Promise.all([
    daily.keepFor(upTo(600)),
    daily.keepFor(upTo(600)),
    daily.keepFor(upTo(600)),
  ]);
  expect([first, second, third].map(({ request }) => request.choices.budget.generatedTokens)).toEqual([
    600, 400, 0,
  ]);
  daily.book('a', spent(100));
  first.release();
  first.release();
  const later = await daily.keepFor(upTo(Infinity));
  expect(later.request.choices.budget.generatedTokens).toBe(500);
  await daily.settled();
});

test('nothing is kept where nothing bounds the day', async () => {
  await using folder = await temporaryFolder();
  const daily = budgetOf(folder.path, 0);
  await daily.keepFor(upTo(600));
  expect((await daily.keepFor(upTo(Infinity))).request.choices.budget.generatedTokens).toBe(Infinity);
});
