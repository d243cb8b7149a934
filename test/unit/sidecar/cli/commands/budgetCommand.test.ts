import { describe, expect, it } from 'vitest';
import { emptyLedger } from '../../../../../protocol/budget.ts';
import { UsageError } from '../../../../../sidecar/cli/command.ts';
import { budgetCommand } from '../../../../../sidecar/cli/commands/budgetCommand.ts';
import { systemClock } from '../../../../../sidecar/process/clock.ts';
import { DailySpending } from '../../../../../sidecar/spending/dailySpending.ts';
import { recordingTerminal } from '../../../../support/machine/recordingTerminal.ts';
import { temporaryFolder } from '../../../../support/machine/temporaryFolder.ts';

async function run(args: readonly string[]): Promise<readonly string[]> {
  const terminal = recordingTerminal();
  expect(await budgetCommand.execute(args, terminal, new AbortController().signal)).toBe(0);
  return terminal.printed;
}

describe('entropane budget', () => {
  it('shows what was spent by day and model, and forgets it on reset', async () => {
    await using folder = await temporaryFolder();
    const spending = new DailySpending(folder.path, systemClock, () => undefined);
    spending.book('tiny', {
      tokens: { ...emptyLedger.tokens, thought: 30, answer: 12, rejectedDraft: 5 },
      durationMs: 1500,
    });
    await spending.settled();
    const shown = await run(['show', '--store', folder.path]);
    expect(shown[0]?.split(/ {2,}/)).toEqual([
      'day',
      'model',
      'requests',
      'seconds',
      'generated',
      'thought',
      'answer',
      'rejected drafts',
    ]);
    expect(shown[1]?.split(/ +/).slice(1)).toEqual(['tiny', '1', '1.5', '42', '30', '12', '5']);
    const last = (await run(['--json', '--store', folder.path])).at(-1) ?? '';
    expect(JSON.parse(last)).toMatchObject({ type: 'result', tokensToday: 42 });
    await run(['reset', '--store', folder.path]);
    const reset = (await run(['--json', '--store', folder.path])).map((line) => JSON.parse(line) as unknown);
    expect(reset).toMatchObject([{ type: 'result', tokensToday: 0 }]);
  });

  it.each([[['spend']], [['show', 'more']]])('refuses %j as wrong use', async (args) => {
    await expect(run(args)).rejects.toBeInstanceOf(UsageError);
  });
});
