import * as vscode from 'vscode';
import { generatedTokenCount, purposes } from '../../protocol/budget.ts';
import { counted } from '../../protocol/counted.ts';
import type { DaySpending, SpendingReport } from '../../protocol/spending.ts';
import { purposeWords } from '../../protocol/traceWords.ts';
import type { SidecarConnection } from '../engine/sidecarConnection.ts';

/** Lists what requests have cost by day and model. */
export async function showSpending(connection: SidecarConnection): Promise<void> {
  const report = await connection.request('entropane/spending/show', null);
  await vscode.window.showQuickPick(report.days.map(spendingItem), {
    title: 'Tokens Spent',
    placeHolder: summary(report),
    matchOnDescription: true,
  });
}

/** Forgets it, once the user has confirmed. */
export async function resetSpending(connection: SidecarConnection): Promise<void> {
  const reset = 'Reset';
  const chosen = await vscode.window.showWarningMessage(
    'Forget what was spent on this machine?',
    { modal: true, detail: 'All days are removed, and a daily budget counts from nothing again.' },
    reset,
  );
  if (chosen === reset) await connection.request('entropane/spending/reset', null);
}

function summary({ tokensToday, tokensPerDay }: SpendingReport): string {
  const today = `${counted(tokensToday, 'token', grouped)} today`;
  return tokensPerDay === null ? today : `${today} of ${tokensPerDay.toLocaleString()}`;
}

function spendingItem(row: DaySpending): vscode.QuickPickItem {
  const spentOn = purposes.filter((purpose) => row.tokens[purpose] > 0);
  return {
    label: `${row.day}  ${counted(generatedTokenCount(row), 'token', grouped)}`,
    description: row.model,
    detail: [
      `${counted(row.requests, 'request', grouped)} in ${Math.round(row.durationMs / 1000).toLocaleString()} s`,
      ...spentOn.map(
        (purpose) => `${purposeWords[purpose].name.toLowerCase()} ${row.tokens[purpose].toLocaleString()}`,
      ),
    ].join(' · '),
  };
}

function grouped(count: number): string {
  return count.toLocaleString();
}
