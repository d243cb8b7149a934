import * as vscode from 'vscode';
import { currentSettings, updateSetting } from '../config/configuration.ts';
import { isLanguageEnabled } from '../config/editorSettings.ts';
import type { Snooze } from '../inlineCompletion/snooze.ts';

const snoozeMinutes = [5, 15, 30, 60] as const;

/** Asks for completions at the cursor now, past every switch that only quiets typing. */
export async function triggerCompletion(): Promise<void> {
  await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger');
}

/** Switches ghost text on or off, in the settings. */
export async function toggleCompletions(): Promise<void> {
  const { enabled } = currentSettings().completions;
  await updateSetting('completions.enabled', !enabled);
}

/** Switches ghost text on or off for the language of the active editor, in the settings. */
export async function toggleCompletionsForLanguage(): Promise<void> {
  const languageId = vscode.window.activeTextEditor?.document.languageId;
  if (languageId === undefined) {
    void vscode.window.showInformationMessage('Open a file of the language first.');
    return;
  }
  const { languages } = currentSettings().completions;
  const isEnabled = isLanguageEnabled(languages, languageId);
  await updateSetting('completions.languages', { ...languages, [languageId]: !isEnabled });
}

/** Silences automatic completions for a chosen time, or ends the silence. */
export async function snoozeCompletions(snooze: Snooze): Promise<void> {
  const wake = { label: 'End snooze', minutes: 0 };
  const times = snoozeMinutes.map((minutes) => ({ label: `${minutes} minutes`, minutes }));
  const chosen = await vscode.window.showQuickPick(snooze.until === null ? times : [wake, ...times], {
    title: 'Snooze Completions',
  });
  if (chosen === undefined) return;
  if (chosen.minutes === 0) snooze.end();
  else snooze.begin(chosen.minutes);
}
