import * as vscode from 'vscode';
import type { DifficultyChoice } from '../../protocol/messages.ts';
import { difficultyChoices } from '../../protocol/settingsTable.ts';
import { currentSettings, updateSetting } from '../config/configuration.ts';

interface DifficultyPick extends vscode.QuickPickItem {
  readonly choice: DifficultyChoice;
}

const descriptions: Readonly<Record<DifficultyChoice, string>> = {
  measured: 'set no class: one thought, or none where nothing is to be computed',
  easy: 'all questions: no thought, and by the fast model where you chose one',
  normal: 'all questions: one thought',
  hard: 'all questions: up to eight thoughts that vote, until that is likely settled',
};

/** Lets the user choose what `overrideDifficulty` puts in force. */
export async function setDifficulty(): Promise<void> {
  const current = currentSettings().sidecar.difficulty;
  const picks = difficultyChoices.map((choice): DifficultyPick => {
    const icon = choice === current ? '$(check) ' : '';
    const label = `${icon}${choice.charAt(0).toUpperCase()}${choice.slice(1)}`;
    return { choice, label, description: descriptions[choice] };
  });
  const chosen = await vscode.window.showQuickPick(picks, { title: 'Set Difficulty' });
  if (chosen !== undefined) await overrideDifficulty(chosen.choice);
}

/** Overrides the difficulty of questions from now on, in the settings, or has it measured again. */
export async function overrideDifficulty(choice: DifficultyChoice): Promise<void> {
  if (choice !== currentSettings().sidecar.difficulty) await updateSetting('difficulty', choice);
}
