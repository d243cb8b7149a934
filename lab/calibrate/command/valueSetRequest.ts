import type { QuantisedBits } from '../valueSet/valueBasis.ts';
import type { SamplingPlan } from '../sampleQuestions.ts';
import { seedRange, temperatureRange, thoughtRange } from '../../../sidecar/validation/parameterRanges.ts';
import { defaultSettings } from '../../../sidecar/validation/sidecarSettings.ts';
import { choiceOption, numberOption, UsageError, type OptionValues } from '../../../sidecar/cli/command.ts';
import type { calibrateOptions } from './calibrateOptions.ts';

type Values = OptionValues<typeof calibrateOptions>;

/** What the command line asks for. */
export type ValueSetRequest = {
  readonly model: string;
  /** Null puts the states into the machine's store. */
  readonly statesPath: string | null;
} & (
  | {
      readonly action: 'sample';
      readonly questionsPath: string;
      readonly limit: number | null;
      readonly plan: SamplingPlan;
      readonly parallel: number;
      /** 0 takes as many as pay. */
      readonly threads: number;
      /** Folder of a packed set whose questions are done; null for none. */
      readonly packedFolder: string | null;
    }
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
  const temperature = numberOption(values.temperature, 'temperature', { ...temperatureRange, min: 0.01 });
  const maxThoughtTokens = numberOption(values['max-thought'], 'max-thought', { ...thoughtRange, min: 1 });
  return {
    action: 'sample',
    ...common,
    questionsPath: values.questions,
    limit: whole(values, 'limit', { min: 1, max: 1e6 }) ?? null,
    plan: {
      samples: whole(values, 'samples', { min: 1, max: 16 }) ?? defaults.samples,
      temperature: temperature ?? defaults.temperature,
      maxThoughtTokens: maxThoughtTokens ?? defaultSettings.maxThoughtTokens,
      seed: numberOption(values.seed, 'seed', seedRange) ?? defaults.seed,
    },
    parallel: whole(values, 'parallel', { min: 1, max: 32 }) ?? defaults.parallel,
    threads: whole(values, 'threads', { min: 0, max: 1024 }) ?? 0,
    packedFolder: values.packed ?? null,
  };
}

function whole(
  values: Values,
  name: 'limit' | 'samples' | 'parallel' | 'threads' | 'components',
  range: { readonly min: number; readonly max: number },
): number | undefined {
  return numberOption(values[name], name, { ...range, whole: true });
}
