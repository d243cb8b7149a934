import { parseArgs } from 'node:util';
import { cacheTypeChoices, optionText } from '../../protocol/settingsTable.ts';
import { type NumberRange, present } from '../validation/fieldReader.ts';
import type { Terminal } from './terminal.ts';

/** The command line was used wrongly: exit code 2, and the command's usage line is shown. */
export class UsageError extends Error {}

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  /** One letter that stands for the name. */
  readonly short?: string;
  /** Stands for the value in the help, such as `FILE`. */
  readonly placeholder?: string;
  readonly description: string;
  /** Names it takes, each with what it means; the help lists them below it. */
  readonly choices?: readonly { readonly id: string; readonly text: string }[];
  /** May be given several times; its value is then the list of them. */
  readonly multiple?: true;
  /** A boolean that something else may have switched on: `--no-NAME` switches it off. */
  readonly negatable?: true;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** Options of commands that load a model which an adapter may change. */
export const adapterOptions = {
  adapter: {
    type: 'string',
    placeholder: 'FILE',
    description: optionText('adapter', 'A LoRA adapter of it, as a GGUF file'),
  },
  'adapter-scale': {
    type: 'string',
    placeholder: 'X',
    description: optionText('adapterScale', 'What the adapter counts: 0 nothing, 1 as trained, 2 at most'),
  },
} as const satisfies OptionSpecs;

/** Options of the commands that answer or complete. */
export const modelOptions = {
  model: { type: 'string', placeholder: 'NAME', description: 'Catalogue name, or path of a GGUF file' },
  'draft-model': {
    type: 'string',
    placeholder: 'NAME',
    description: optionText(
      'draftModel',
      'A second model that drafts for it where that is measured to be faster',
    ),
  },
  'fast-model': {
    type: 'string',
    placeholder: 'NAME',
    description: optionText('fastModel', 'A pruned copy of it, lossy, that answers what you call easy'),
  },
  ...adapterOptions,
  'cache-type': {
    type: 'string',
    placeholder: 'TYPE',
    description: `How keys and values of the context are kept: ${cacheTypeChoices.join(', ')}`,
  },
  seed: { type: 'string', placeholder: 'N', description: 'The same seed gives the same text' },
  log: { type: 'boolean', description: 'Show the log of the engine too' },
} as const satisfies OptionSpecs;

/** Values of the options given; absent ones are undefined. */
export type OptionValues<O extends OptionSpecs> = {
  readonly [K in keyof O]?: O[K] extends { readonly multiple: true }
    ? readonly string[]
    : O[K]['type'] extends 'boolean'
      ? boolean
      : string;
};

export interface CommandDefinition<O extends OptionSpecs> {
  readonly name: string;
  /** One line of the overview, without a full stop. */
  readonly summary: string;
  /** What follows `entropane`, such as `ask [options] QUESTION`. */
  readonly usage: string;
  readonly options: O;
  /**
   * Does the work and returns the exit code. Throws `UsageError` for wrong use and `CodedError` for failures;
   * the caller prints both. Aborted on ctrl-C.
   */
  readonly run: (invocation: Invocation<O>, signal: AbortSignal) => Promise<number>;
}

export interface Invocation<O extends OptionSpecs> {
  readonly values: OptionValues<O>;
  readonly positionals: readonly string[];
  readonly terminal: Terminal;
}

/** A command with its option types hidden, so that commands fit in one list. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  /** Parses `args` and runs. Throws `UsageError` for options that do not exist. */
  readonly execute: (args: readonly string[], terminal: Terminal, signal: AbortSignal) => Promise<number>;
}

/** Of the commands whose results programs read. */
export const jsonOption = {
  json: { type: 'boolean', description: 'Print one JSON object a line; the last has type "result"' },
} as const satisfies OptionSpecs;

/** Of the commands that look into the store. */
export const storeOption = {
  store: { type: 'string', placeholder: 'FOLDER', description: "Another store than this machine's" },
} as const satisfies OptionSpecs;

/** Every command takes it. */
const helpOption = {
  help: { type: 'boolean', short: 'h', description: 'Show this help' },
} as const satisfies OptionSpecs;

export function defineCommand<const O extends OptionSpecs>(definition: CommandDefinition<O>): Command {
  const options: OptionSpecs = { ...definition.options, ...helpOption };
  const { name, summary, usage } = definition;
  return {
    name,
    summary,
    usage,
    execute: async (args, terminal, signal) => {
      const { values, positionals } = parse(args, options);
      if (values.help === true) {
        terminal.print(helpText(usage, summary, options));
        return 0;
      }
      return definition.run({ values: values as OptionValues<O>, positionals, terminal }, signal);
    },
  };
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
  const kind = range.whole === true ? 'a whole number' : 'a number';
  throw new UsageError(`--${name} takes ${kind} from ${range.min} to ${range.max}, not "${value}".`);
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

function parse(args: readonly string[], options: OptionSpecs) {
  const parsed: Record<string, { type: 'string' | 'boolean'; short?: string; multiple?: boolean }> = {};
  for (const [name, { type, short, multiple, negatable }] of Object.entries(options)) {
    parsed[name] = { type, ...present({ short, multiple }) };
    // `allowNegative` of `parseArgs` is newer than the oldest Node that this runs on, and would take all booleans.
    if (negatable === true) parsed[negated(name)] = { type: 'boolean' };
  }
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: parsed,
      allowPositionals: true,
      strict: true,
    });
    return { values: withNegations(values, options), positionals };
  } catch (thrown) {
    if (thrown instanceof UsageError) throw thrown;
    // Node appends advice about `--` and about dashes to its message; its first sentence says what is wrong.
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    const [sentence = message] = message.split(/\.(?:\s|$)/, 1);
    throw new UsageError(`${sentence}.`, { cause: thrown });
  }
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

function helpText(usage: string, summary: string, options: OptionSpecs): string {
  const rows = Object.entries(options).map(([name, { short, placeholder, negatable, ...rest }]) => ({
    left: `${short === undefined ? '' : `-${short}, `}--${negatable === true ? '[no-]' : ''}${name}${placeholder === undefined ? '' : ` ${placeholder}`}`,
    ...rest,
  }));
  const width = Math.max(...rows.map(({ left }) => left.length));
  const lines = rows.flatMap(({ left, description, choices = [] }) => {
    const idWidth = Math.max(...choices.map(({ id }) => id.length));
    const listed = choices.map(({ id, text }) => `      ${id.padEnd(idWidth)}  ${text}`);
    return [`  ${left.padEnd(width)}  ${description}`, ...listed];
  });
  return [`Usage: entropane ${usage}`, '', `${summary}.`, '', 'Options:', ...lines].join('\n');
}
