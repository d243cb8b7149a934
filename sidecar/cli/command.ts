import { cacheTypeChoices, optionText } from '../../protocol/settingsTable.ts';
import { thinkingFormChoices } from '../../protocol/thinking.ts';
import { seedRange } from '../validation/parameterRanges.ts';
import { defaultSettings } from '../validation/sidecarSettings.ts';
import {
  asSetting,
  choiceOption,
  numberOption,
  type OptionSpec,
  type OptionSpecs,
  type OptionValues,
  UsageError,
} from './optionSpec.ts';
import { parseOptions } from './parseOptions.ts';
import type { Terminal } from './terminal.ts';

export { choiceOption, numberOption, type OptionSpecs, type OptionValues, UsageError };

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
    description: optionText('adapterScale', 'What the adapter counts: 0 nothing, 1 as trained'),
    ...asSetting('adapterScale'),
  },
} as const satisfies OptionSpecs;

/** Options of the commands that answer or complete. */
export const modelOptions = {
  model: {
    type: 'string',
    placeholder: 'NAME',
    description: 'Catalogue name, or path of a GGUF file',
    usual: defaultSettings.model,
  },
  'draft-model': {
    type: 'string',
    placeholder: 'NAME',
    description: optionText(
      'draftModel',
      'A second model that drafts for it where that is measured to be faster',
    ),
  },
  ...adapterOptions,
  'cache-type': {
    type: 'string',
    placeholder: 'TYPE',
    description: `How keys and values of the context are kept: ${cacheTypeChoices.join(', ')}`,
    ...asSetting('cacheType'),
  },
  'thinking-form': {
    type: 'string',
    placeholder: 'FORM',
    description: `How a model marks its thoughts: ${thinkingFormChoices.join(', ')}`,
    ...asSetting('thinkingForm'),
  },
  seed: {
    type: 'string',
    placeholder: 'N',
    description: 'The same seed gives the same text',
    range: seedRange,
    usual: 'a new one each time',
  },
  log: { type: 'boolean', description: 'Show the log of the engine too' },
} as const satisfies OptionSpecs;

/** Option of commands that ask questions: completions are never written by that model. */
export const fastModelOption = {
  'fast-model': {
    type: 'string',
    placeholder: 'NAME',
    description: optionText(
      'fastModel',
      'A pruned copy of it, lossy, that answers questions that you call easy',
    ),
  },
} as const satisfies OptionSpecs;

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

/** Option of the commands whose results programs read. */
export const jsonOption = {
  json: { type: 'boolean', description: 'Print one JSON object a line; the last has type "result"' },
} as const satisfies OptionSpecs;

/** Option of the commands that look into the store. */
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
      const { values, positionals } = parseOptions(args, options);
      if (values.help === true) {
        terminal.print(helpText(usage, summary, options));
        return 0;
      }
      return definition.run({ values: values as OptionValues<O>, positionals, terminal }, signal);
    },
  };
}

function helpText(usage: string, summary: string, options: OptionSpecs): string {
  const rows = Object.entries(options).map(([name, { short, placeholder, negatable, ...rest }]) => ({
    left: `${short === undefined ? '' : `-${short}, `}--${negatable === true ? '[no-]' : ''}${name}${placeholder === undefined ? '' : ` ${placeholder}`}`,
    ...rest,
  }));
  const width = Math.max(...rows.map(({ left }) => left.length));
  const lines = rows.flatMap(({ left, choices = [], ...spec }) => {
    const idWidth = Math.max(...choices.map(({ id }) => id.length));
    const listed = choices.map(({ id, text }) => `      ${id.padEnd(idWidth)}  ${text}`);
    return [`  ${left.padEnd(width)}  ${describe(spec)}`, ...listed];
  });
  return [`Usage: entropane ${usage}`, '', `${summary}.`, '', 'Options:', ...lines].join('\n');
}

/** What an option does, with the numbers it takes and what counts without it. */
function describe({
  description,
  range,
  usual,
}: Pick<OptionSpec, 'description' | 'range' | 'usual'>): string {
  const facts = [
    ...(range === undefined ? [] : [`${range.min} to ${range.max}`]),
    ...(usual === undefined ? [] : [`${usual} unless given`]),
  ];
  return facts.length === 0 ? description : `${description} (${facts.join('; ')})`;
}
