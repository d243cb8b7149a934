import { settingDescription, type SidecarSettingKey } from '../../protocol/settingsTable.ts';
import type { NumberRange } from '../validation/fieldReader.ts';
import { defaultSettings } from '../validation/sidecarSettings.ts';

/** The command line was used wrongly: exit code 2, and the command's usage line is shown. */
export class UsageError extends Error {}

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  /** One letter that may be written for the name. */
  readonly short?: string;
  /** Shown for the value in the help, such as `FILE`. */
  readonly placeholder?: string;
  readonly description: string;
  /** Names it takes, each with what it means; the help lists them below it. */
  readonly choices?: readonly { readonly id: string; readonly text: string }[];
  /** Numbers it takes. The help and the refusal of any other number name them. */
  readonly range?: NumberRange;
  /** What counts where it is not given, as the help says it. */
  readonly usual?: string;
  /** May be given several times; its value is then the list of them. */
  readonly multiple?: true;
  /** A boolean that something else may have switched on: `--no-NAME` switches it off. */
  readonly negatable?: true;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** Values of the options given; absent ones are undefined. */
export type OptionValues<O extends OptionSpecs> = {
  readonly [K in keyof O]?: O[K] extends { readonly multiple: true }
    ? readonly string[]
    : O[K]['type'] extends 'boolean'
      ? boolean
      : string;
};

/** Range and default of an option that sets what a setting sets, read from the setting's row and its default. */
export function asSetting(key: SidecarSettingKey): Pick<OptionSpec, 'range' | 'usual'> {
  const description = settingDescription(key);
  const value = defaultSettings[key];
  const usual = typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
  if (description.kind !== 'whole' && description.kind !== 'number') return { usual };
  const { kind, min, max } = description;
  return { range: { min, max, whole: kind === 'whole' }, usual };
}

/** The same of a setting whose 0 sets no bound. */
export function asBound(key: 'budgetTokens' | 'budgetSeconds'): Pick<OptionSpec, 'range' | 'usual'> {
  return { ...asSetting(key), ...(defaultSettings[key] === 0 && { usual: 'no bound' }) };
}

/** Numbers of a range in words, such as `a whole number from 1 to 16`. */
export function rangeText({ min, max, whole }: NumberRange): string {
  return `${whole === true ? 'a whole number' : 'a number'} from ${min} to ${max}`;
}

/** An option's value as a number in its range, or undefined when the option was not given. */
export function numberOption(
  value: string | undefined,
  name: string,
  range: NumberRange,
): number | undefined {
  if (value === undefined) return undefined;
  const number = value.trim() === '' ? NaN : Number(value);
  const fits =
    number >= range.min && number <= range.max && (range.whole !== true || Number.isInteger(number));
  if (fits) return number;
  throw new UsageError(`--${name} takes ${rangeText(range)}, not "${value}".`);
}

/** An option's value as one of its choices, or undefined when the option was not given. */
export function choiceOption<const T extends string>(
  value: string | undefined,
  name: string,
  choices: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const choice = choices.find((candidate) => candidate === value);
  if (choice !== undefined) return choice;
  throw new UsageError(`--${name} takes one of ${choices.join(', ')}, not "${value}".`);
}
