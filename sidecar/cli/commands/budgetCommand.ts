import { generatedTokenCount, type Purpose, purposes } from '../../../protocol/budget.ts';
import { counted } from '../../../protocol/counted.ts';
import type { DaySpending } from '../../../protocol/spending.ts';
import { purposeWords } from '../../../protocol/traceWords.ts';
import { machineStorePath } from '../../models/machineStore.ts';
import { systemClock } from '../../process/clock.ts';
import { DailySpending } from '../../spending/dailySpending.ts';
import { defaultSettings } from '../../validation/sidecarSettings.ts';
import { defineCommand, jsonOption, storeOption, UsageError } from '../command.ts';

const actions = ['show', 'reset'] as const;

/** `entropane budget`: what requests have cost on this machine. Runs in this process, without a sidecar. */
export const budgetCommand = defineCommand({
  name: 'budget',
  summary: 'Show or reset what requests have cost, by day and model',
  usage: 'budget [show | reset]',
  options: {
    ...storeOption,
    ...jsonOption,
  },
  run: async ({ values, positionals, terminal }) => {
    const [word = 'show', ...rest] = positionals;
    const action = actions.find((candidate) => candidate === word);
    if (action === undefined)
      throw new UsageError(`"budget" takes one of ${actions.join(', ')}, not "${word}".`);
    if (rest.length > 0) throw new UsageError(`"budget ${action}" takes no further words.`);
    const storePath = machineStorePath({
      storePath: values.store ?? defaultSettings.storePath,
      environment: process.env,
    });
    const spending = new DailySpending(storePath, systemClock, terminal.note);
    if (action === 'reset') await spending.reset();
    const { days, today, tokensToday } = await spending.report(null);
    if (values.json === true) {
      for (const row of days) terminal.print(JSON.stringify({ type: 'day', ...row }));
      terminal.print(JSON.stringify({ type: 'result', today, tokensToday, file: spending.file }));
    } else if (action === 'reset') {
      terminal.print(`What was spent is forgotten; counting begins anew in ${spending.file}`);
    } else {
      for (const line of spendingTable(days)) terminal.print(line);
      terminal.print(`\n${counted(tokensToday, 'token')} today. Kept in ${spending.file}`);
    }
    return 0;
  },
});

const heading = (purpose: Purpose): string => purposeWords[purpose].name.toLowerCase();

/** A line a row under one of headings; columns without tokens are left out. */
function spendingTable(days: readonly DaySpending[]): readonly string[] {
  const shown = purposes.filter((purpose) => days.some(({ tokens }) => tokens[purpose] > 0));
  const table = [
    ['day', 'model', 'requests', 'seconds', 'generated', ...shown.map(heading)],
    ...days.map((row) => [
      row.day,
      row.model,
      String(row.requests),
      (row.durationMs / 1000).toFixed(1),
      String(generatedTokenCount(row)),
      ...shown.map((purpose) => String(row.tokens[purpose])),
    ]),
  ];
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((cells) => cells[column]?.length ?? 0)),
  );
  return table.map((cells) =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column < 2 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  '),
  );
}
