import { assertNever } from './assertNever.ts';
import { isRecord } from './isRecord.ts';
import { settingDescription, type SettingKey, type SettingValue } from './settingsTable.ts';

/** Whether a value is of the kind and in the range that the table gives a setting. */
export function isSettingValue<K extends SettingKey>(key: K, value: unknown): value is SettingValue<K> {
  const description = settingDescription(key);
  switch (description.kind) {
    case 'text':
      return typeof value === 'string';
    case 'texts':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
    case 'flag':
      return typeof value === 'boolean';
    case 'switches':
      return isRecord(value) && Object.values(value).every((item) => typeof item === 'boolean');
    case 'choice':
      return description.choices.some((choice) => choice === value);
    case 'whole':
      return Number.isInteger(value) && isWithin(value, description);
    case 'number':
      return isWithin(value, description);
    default:
      return assertNever(description);
  }
}

function isWithin(value: unknown, { min, max }: { readonly min: number; readonly max: number }): boolean {
  return typeof value === 'number' && value >= min && value <= max;
}
