import { parseArgs } from 'node:util';
import { present } from '../validation/fieldReader.ts';
import { type OptionSpec, type OptionSpecs, rangeText, UsageError } from './optionSpec.ts';

/** Arguments as options and the rest. Throws `UsageError` that says which option is wrong and what it takes. */
export function parseOptions(args: readonly string[], options: OptionSpecs) {
  const parsed: Record<string, { type: 'string' | 'boolean'; short?: string; multiple?: boolean }> = {};
  for (const [name, { type, short, multiple, negatable }] of Object.entries(options)) {
    parsed[name] = { type, ...present({ short, multiple }) };
    // `allowNegative` of `parseArgs` is newer than the oldest Node that this runs on, and would take all booleans.
    if (negatable === true) parsed[negated(name)] = { type: 'boolean' };
  }
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options: parsed,
    allowPositionals: true,
    // What Node refuses it explains in terms of its own; `refuseOption` says it in terms of the option.
    strict: false,
    tokens: true,
  });
  for (const token of tokens) if (token.kind === 'option') refuseOption(token, parsed, options);
  return { values: withNegations(values, options), positionals };
}

interface GivenOption {
  readonly name: string;
  /** As it was written. */
  readonly rawName: string;
  readonly value: string | undefined;
  /** Whether the value was written with `=`; undefined where there is none. */
  readonly inlineValue: boolean | undefined;
}

function refuseOption(
  { name, rawName, value, inlineValue }: GivenOption,
  known: Readonly<Record<string, Pick<OptionSpec, 'type'>>>,
  options: OptionSpecs,
): void {
  const type = Object.hasOwn(known, name) ? known[name]?.type : undefined;
  if (type === undefined) throw new UsageError(`There is no option ${rawName}.`);
  if (type === 'boolean') {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value, so not "${value}" either.`);
    return;
  }
  const range = options[name]?.range;
  const needs = range === undefined ? `${rawName} needs a value` : `${rawName} takes ${rangeText(range)}`;
  if (value === undefined) throw new UsageError(`${needs}, and none was given.`);
  if (inlineValue === true || !/^-./u.test(value)) return;
  if (range === undefined)
    throw new UsageError(
      `${needs}, and "${value}" looks like another option. If it is the value, write ${rawName}=${value}.`,
    );
  if (!/^-[\d.]/u.test(value)) throw new UsageError(`${needs}, and the option ${value} follows it.`);
  if (Number(value) < range.min) throw new UsageError(`${needs}, not "${value}".`);
}

function negated(name: string): string {
  return `no-${name}`;
}

/** Values with false for what was switched off. Throws `UsageError` for what was switched both on and off. */
function withNegations<T>(
  values: Readonly<Record<string, T>>,
  options: OptionSpecs,
): Readonly<Record<string, T | false>> {
  const all: Record<string, T | false> = { ...values };
  for (const name of Object.keys(options)) {
    if (options[name]?.negatable !== true || values[negated(name)] === undefined) continue;
    if (values[name] !== undefined)
      throw new UsageError(`--${name} and --${negated(name)} exclude each other.`);
    all[name] = false;
  }
  return all;
}
