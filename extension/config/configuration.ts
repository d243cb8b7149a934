import * as vscode from 'vscode';
import { readSettings, type Settings } from './settings.ts';

const section = 'entropane';

/** The settings in force now, for a document where one is given. */
export function currentSettings(document?: vscode.TextDocument): Settings {
  const configuration = vscode.workspace.getConfiguration(section, document);
  return readSettings({
    value: (key) => configuration.get<unknown>(key),
    declaredDefault: (key) => configuration.inspect(key)?.defaultValue,
  });
}

/** Calls back after any of our settings changed. */
export function onSettingsChanged(callback: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration(section)) callback();
  });
}

/** Writes a setting of the user, by key without the `entropane.` in front. */
export async function updateUserSetting(key: string, value: unknown): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(section);
  await configuration.update(key, value, vscode.ConfigurationTarget.Global);
}
