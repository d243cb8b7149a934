import type { NumberRange } from '../../../sidecar/validation/fieldReader.ts';
import { seedRange, temperatureRange, thoughtRange } from '../../../sidecar/validation/parameterRanges.ts';
import { defaultSettings } from '../../../sidecar/validation/sidecarSettings.ts';
import { numberOption } from '../../../sidecar/cli/command.ts';
import type { SamplingPlan } from '../sampleQuestions.ts';

/** How questions are sampled, by the options that probes and value sets share. */
export interface SamplingChoice {
  /** Null for all questions. */
  readonly limit: number | null;
  readonly plan: SamplingPlan;
  readonly parallel: number;
}

/** Values of the options, as given. */
type SamplingValues = {
  readonly [K in 'samples' | 'temperature' | 'max-thought' | 'seed' | 'limit' | 'parallel']?: string;
};

const parallelRange: NumberRange = { min: 1, max: 32, whole: true };
const limitRange: NumberRange = { min: 1, max: 1e6, whole: true };

/** Reads them; what is not given is as in `usual`. Throws `UsageError` for a number out of its range. */
export function samplingFrom(
  values: SamplingValues,
  usual: Omit<SamplingPlan, 'maxThoughtTokens'> & { readonly parallel: number },
  mostSamples: number,
): SamplingChoice {
  const samples = numberOption(values.samples, 'samples', { min: 1, max: mostSamples, whole: true });
  // A sampled answer says nothing at temperature 0.
  const temperature = numberOption(values.temperature, 'temperature', { ...temperatureRange, min: 0.01 });
  const maxThoughtTokens = numberOption(values['max-thought'], 'max-thought', { ...thoughtRange, min: 1 });
  return {
    limit: numberOption(values.limit, 'limit', limitRange) ?? null,
    plan: {
      samples: samples ?? usual.samples,
      temperature: temperature ?? usual.temperature,
      maxThoughtTokens: maxThoughtTokens ?? defaultSettings.maxThoughtTokens,
      seed: numberOption(values.seed, 'seed', seedRange) ?? usual.seed,
    },
    parallel: numberOption(values.parallel, 'parallel', parallelRange) ?? usual.parallel,
  };
}
