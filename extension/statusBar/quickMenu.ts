import * as vscode from 'vscode';
import type { CommandId } from '../config/commandIds.ts';
import { menuEntries, type MenuState } from './menuEntries.ts';

interface MenuPick extends vscode.QuickPickItem {
  readonly command: CommandId;
}

/** Opens the menu of the status bar item and runs what is picked. */
export async function showQuickMenu(state: MenuState): Promise<void> {
  const items: readonly MenuPick[] = menuEntries(state).map((entry) => ({
    label: `$(${entry.icon}) ${entry.label}`,
    command: entry.command,
  }));
  const chosen = await vscode.window.showQuickPick(items, { title: 'Entropane', placeHolder: state.summary });
  if (chosen !== undefined) await vscode.commands.executeCommand(chosen.command);
}
