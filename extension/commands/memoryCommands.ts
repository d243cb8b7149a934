import * as vscode from 'vscode';
import { counted } from '../../protocol/counted.ts';
import type { RememberedProblem } from '../../protocol/messages.ts';
import { strategyName } from '../../protocol/strategyTable.ts';
import type { SidecarConnection } from '../engine/sidecarConnection.ts';

/** Shows what is remembered of strategies, as a list to search in. */
export async function showStrategyMemory(connection: SidecarConnection): Promise<void> {
  const problems = await connection.request('entropane/memory/read', null);
  if (problems.length === 0) {
    void vscode.window.showInformationMessage('Nothing is remembered of strategies yet.');
    return;
  }
  const items = problems.map((problem) => ({ label: problem.signature, detail: resultsText(problem) }));
  await vscode.window.showQuickPick(items, { title: 'Strategy Memory', matchOnDetail: true });
}

/** Forgets what is remembered of strategies, once the user has confirmed it. */
export async function clearStrategyMemory(connection: SidecarConnection): Promise<void> {
  const forget = 'Forget';
  const chosen = await vscode.window.showWarningMessage(
    'Forget what worked on which questions?',
    { modal: true },
    forget,
  );
  if (chosen === forget) await connection.request('entropane/memory/clear', null);
}

function resultsText({ strategies }: RememberedProblem): string {
  return strategies
    .map(({ strategy, tries, wins, meanTokens }) => {
      const tokens = meanTokens === null ? '' : `, ${counted(Math.round(meanTokens), 'token')}`;
      return `${strategyName(strategy)}: ${Math.round(wins)} of ${Math.round(tries)}${tokens}`;
    })
    .join(' · ');
}
