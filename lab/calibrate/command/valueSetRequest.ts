import type { QuantisedBits } from '../valueSet/valueBasis.ts';
import { defaultSettings } from '../../../sidecar/validation/sidecarSettings.ts';
import { choiceOption, numberOption, UsageError, type OptionValues } from '../../../sidecar/cli/command.ts';
import type { calibrateOptions } from './calibrateOptions.ts';
import { type SamplingChoice, samplingFrom } from './samplingOptions.ts';

type Values = OptionValues<typeof calibrateOptions>;

/** What the command line asks for. */
export type ValueSetRequest = {
  readonly model: string;
  /** Null puts the states into the machine's store. */
  readonly statesPath: string | null;
} & (
  | (SamplingChoice & {
      readonly action: 'sample';
      readonly questionsPath: string;
      /** 0 takes as many as pay. */
      readonly threads: number;
      /** Folder of a packed set whose questions are done; null for none. */
      readonly packedFolder: string | null;
    })
  | {
      readonly action: 'pack';
      readonly packedFolder: string;
      readonly componentCount: number;
      readonly bits: QuantisedBits;
    }
  | { readonly action: 'compare' }
);

const defaults = {
  samples: 4,
  seed: 0,
  /** The temperature of the strategy `selfConsistency`. */
  temperature: 0.7,
  parallel: 16,
  componentCount: 128,
} as const;

/** Throws `UsageError` for options that are missing or out of their range. */
export function valueSetRequestFrom(values: Values, positionals: readonly string[]): ValueSetRequest {
  if (positionals.length > 0) throw new UsageError('"calibrate" takes options alone.');
  const common = { model: values.model ?? defaultSettings.model, statesPath: values.raw ?? null };
  if (values.compare === true && values.pack === true)
    throw new UsageError('--compare and --pack exclude each other.');
  if (values.compare === true) return { action: 'compare', ...common };
  if (values.pack === true) {
    if (values.packed === undefined) throw new UsageError('--pack needs --packed FOLDER.');
    return {
      action: 'pack',
      ...common,
      packedFolder: values.packed,
      componentCount: whole(values, 'components', { min: 1, max: 4096 }) ?? defaults.componentCount,
      bits: choiceOption(values.bits, 'bits', ['8', '4']) === '4' ? 4 : 8,
    };
  }
  if (values.questions === undefined) throw new UsageError('"calibrate" needs --questions FILE.');
  return {
    action: 'sample',
    ...common,
    questionsPath: values.questions,
    ...samplingFrom(values, defaults, 16),
    threads: whole(values, 'threads', { min: 0, max: 1024 }) ?? 0,
    packedFolder: values.packed ?? null,
  };
}

function whole(
  values: Values,
  name: 'threads' | 'components',
  range: { readonly min: number; readonly max: number },
): number | undefined {
  return numberOption(values[name], name, { ...range, whole: true });
}
