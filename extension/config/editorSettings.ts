import type { SidecarSettings } from '../../protocol/messages.ts';
import { isSettingValue } from '../../protocol/settingValue.ts';
import {
  completionSettingKeys,
  effectsOf,
  isRestricted,
  settingDescription,
  sidecarSettingKeys,
  type CompletionSettingKey,
  type SettingKey,
  type SettingValue,
} from '../../protocol/settingsTable.ts';

/** Settings of ghost text that the extension acts on by itself; the sidecar never sees them. */
export type CompletionSettings = {
  readonly [
    K in CompletionSettingKey as K extends `completions.${infer Name}` ? Name : never
  ]: SettingValue<K>;
};

export interface EditorSettings {
  readonly sidecar: SidecarSettings;
  readonly completions: CompletionSettings;
}

/** Where values come from, by key without the `entropane.` in front. VS Code does not check values by the manifest. */
export interface SettingsSource {
  /** Whether the user trusts the workspace. */
  readonly isTrusted: boolean;
  /** The value in force, set by the user or a workspace. */
  value(key: string): unknown;
  /** What the user set, without the workspace; undefined where nothing. */
  usersValue(key: string): unknown;
  /** What the manifest says about a setting. */
  declared(key: string): { readonly default?: unknown } | undefined;
}

/** All settings, each of the kind and in the range of the table: a value that is not counts as not set. */
export function readEditorSettings(source: SettingsSource): EditorSettings {
  const valuesOf = (keys: readonly SettingKey[], prefix = ''): object =>
    Object.fromEntries(keys.map((key) => [key.slice(prefix.length), settingOf(source, key)]));
  // Each was checked by the row of the table that its type is made from.
  return {
    sidecar: valuesOf(sidecarSettingKeys) as SidecarSettings,
    completions: valuesOf(completionSettingKeys, 'completions.') as CompletionSettings,
  };
}

/** Whether ghost text is switched on for a language. A language that is not named follows `*`. */
export function isLanguageEnabled(languages: Readonly<Record<string, boolean>>, languageId: string): boolean {
  return languages[languageId] ?? languages['*'] ?? true;
}

function settingOf<K extends SettingKey>(source: SettingsSource, key: K): SettingValue<K> {
  const value = permittedValue(source, key);
  if (isSettingValue(key, value)) return value;
  const fallback = source.declared(key)?.default;
  if (isSettingValue(key, fallback)) return fallback;
  throw new Error(`The manifest declares no usable default for entropane.${key}.`);
}

/**
 * The value from where it may be set. VS Code drops a workspace's values by the manifest, too; a slip there must not let a
 * repository delete files or run a command.
 */
function permittedValue(source: SettingsSource, key: SettingKey): unknown {
  const row = settingDescription(key);
  // In a workspace that is not trusted no code runs, even by a command of the user.
  if (!source.isTrusted && effectsOf(row).includes('runs')) return undefined;
  const isUsersAlone = row.scope === 'machine' || (!source.isTrusted && isRestricted(key));
  return isUsersAlone ? source.usersValue(key) : source.value(key);
}
