import manifest from '../../package.json' with { type: 'json' };
import { assertNever } from '../../protocol/assertNever.ts';
import { earlyStopKeys } from '../../protocol/earlyStopTable.ts';
import type { EarlyStopping, SidecarSettings, StepSearchSettings } from '../../protocol/messages.ts';
import {
  settingDescription,
  type SidecarSettingKey,
  sidecarSettingKeys,
} from '../../protocol/settingsTable.ts';
import { stepSearchKeys } from '../../protocol/strategyTable.ts';
import { FieldReader, present } from './fieldReader.ts';

/** What a request may say of early stopping, and the settings too; throws as `readSidecarSettings` does. */
export function readEarlyStopping(fields: FieldReader): Partial<EarlyStopping> {
  return readNamed(fields, earlyStopKeys);
}

/** What a request may say of a search over steps, and the settings too; throws as `readSidecarSettings` does. */
export function readStepSearch(fields: FieldReader): Partial<StepSearchSettings> {
  return readNamed(fields, stepSearchKeys);
}

/** Those settings that are there; throws `parameter.invalid` for one of the wrong kind or out of its range. */
export function readSidecarSettings(fields: FieldReader): Partial<SidecarSettings> {
  return readNamed(fields, sidecarSettingKeys);
}

function readNamed<K extends SidecarSettingKey>(
  fields: FieldReader,
  keys: readonly K[],
): Partial<Pick<SidecarSettings, K>> {
  const values = present(Object.fromEntries(keys.map((key) => [key, readSetting(fields, key)])));
  // Each was read by the row of the table that its type is made from.
  return values as Partial<Pick<SidecarSettings, K>>;
}

/** A setting's value as its row in the table describes it; undefined where it is absent. */
function readSetting(fields: FieldReader, key: SidecarSettingKey): unknown {
  const description = settingDescription(key);
  switch (description.kind) {
    case 'text':
      return fields.optionalString(key);
    case 'texts':
      return fields.optionalStrings(key);
    case 'flag':
      return fields.optionalBoolean(key);
    case 'choice':
      return fields.optionalOneOf(key, description.choices);
    case 'whole':
      return fields.optionalNumber(key, { min: description.min, max: description.max, whole: true });
    case 'number':
      return fields.optionalNumber(key, description);
    case 'switches':
      throw new Error(`No setting of the sidecar is a list of switches, but ${key} is.`);
    default:
      return assertNever(description);
  }
}

function readDefaults(): SidecarSettings {
  const prefix = 'entropane.';
  const defaults: Record<string, unknown> = {};
  for (const section of manifest.contributes.configuration) {
    const properties: Readonly<Record<string, { readonly default?: unknown } | undefined>> =
      section.properties;
    for (const [key, property] of Object.entries(properties)) {
      if (key.startsWith(prefix)) defaults[key.slice(prefix.length)] = property?.default;
    }
  }
  const settings = readSidecarSettings(new FieldReader(defaults, 'package.json contributes.configuration'));
  if (!isComplete(settings)) {
    throw new Error('package.json lacks the default of a setting that the sidecar acts on');
  }
  return settings;
}

function isComplete(settings: Partial<SidecarSettings>): settings is SidecarSettings {
  return sidecarSettingKeys.every((name) => name in settings);
}

/**
 * Every setting's default, read from the extension manifest, which is the only place that states them. The bundler
 * puts the manifest into the bundle, so command line and editor cannot disagree.
 */
export const defaultSettings: SidecarSettings = readDefaults();
