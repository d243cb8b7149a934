import * as vscode from 'vscode';
import manifest from '../../package.json' with { type: 'json' };
import { readEditorSettings, type EditorSettings } from './editorSettings.ts';

const section = 'entropane';

/** Read again after a change that `onSettingsChanged` says: every key asks for them, and the editor is slow to answer. */
let known: EditorSettings | null = null;

/** The settings in force now. */
export function currentSettings(): EditorSettings {
  known ??= readSettings();
  return known;
}

function readSettings(): EditorSettings {
  const configuration = vscode.workspace.getConfiguration(section);
  return readEditorSettings({
    isTrusted: vscode.workspace.isTrusted,
    value: (key) => configuration.get<unknown>(key),
    usersValue: (key) => configuration.inspect(key)?.globalValue,
    declared: (key) => declaredSettings.get(`${section}.${key}`),
  });
}

/** Calls back after any of our settings changed, and when trust in the workspace puts one into force. */
export function onSettingsChanged(callback: () => void): vscode.Disposable {
  const changed = (): void => {
    known = null;
    callback();
  };
  return vscode.Disposable.from(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(section)) changed();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(changed),
  );
}

/**
 * Writes a setting, by key without the `entropane.` in front: where the workspace sets it, there, since anything
 * else would change nothing; otherwise for the user.
 */
export async function updateSetting(key: string, value: unknown): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(section);
  const isWorkspaces = configuration.inspect(key)?.workspaceValue !== undefined;
  const { Workspace, Global } = vscode.ConfigurationTarget;
  await configuration.update(key, value, isWorkspaces ? Workspace : Global);
}

/** What a setting is where nobody sets it; undefined for one that the manifest does not have. */
export function defaultOf(key: string): unknown {
  return declaredSettings.get(`${section}.${key}`)?.default;
}

const declaredSettings = new Map(
  manifest.contributes.configuration.flatMap(({ properties }) =>
    Object.entries<{ readonly default?: unknown } | undefined>(properties),
  ),
);
