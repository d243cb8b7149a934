import path from 'node:path';
import {
  choiceOption,
  jsonOption,
  numberOption,
  type OptionValues,
  UsageError,
} from '../../../sidecar/cli/command.ts';
import { defaultSettings } from '../../../sidecar/validation/sidecarSettings.ts';
import { type BetaRule, type ShareRule, shareRules } from '../difficultyLabels.ts';
import { type SamplingChoice, samplingFrom } from './samplingOptions.ts';

export const calibrateOptions = {
  questions: {
    type: 'string',
    placeholder: 'FILE',
    description: 'Rows {"id", "question", "answer"}, one JSON object a line',
  },
  model: { type: 'string', placeholder: 'NAME', description: 'Catalogue name, or path of a GGUF file' },
  samples: { type: 'string', placeholder: 'N', description: 'Samples of each question beside a greedy one' },
  limit: { type: 'string', placeholder: 'N', description: 'Take so many questions from the beginning' },
  seed: { type: 'string', placeholder: 'N', description: 'The same seed and samples give the same probe' },
  out: {
    type: 'string',
    placeholder: 'FILE',
    description: 'The probe, an .onnx file; its report goes beside',
  },
  raw: {
    type: 'string',
    placeholder: 'FILE',
    description: 'Where samples are kept to go on from; beside the probe when not given',
  },
  parallel: { type: 'string', placeholder: 'N', description: 'Samples decoded as one batch' },
  temperature: { type: 'string', placeholder: 'T', description: 'Of the samples; 0.4' },
  'max-thought': { type: 'string', placeholder: 'N', description: 'Thought tokens of one sample at most' },
  'held-out': {
    type: 'string',
    placeholder: 'R',
    description: 'Share of questions that the probe is judged by and not fitted to',
  },
  shares: {
    type: 'string',
    placeholder: 'RULE',
    description:
      'Bounds of solved and hard: even (default) by what leaves the classes most even, or published',
  },
  beta: {
    type: 'string',
    placeholder: 'RULE',
    description: 'split (default), or the share of solved questions that count as solved without doubt',
  },
  date: { type: 'string', placeholder: 'DATE', description: 'The date that the report has; today' },
  'value-set': {
    type: 'boolean',
    description: 'Sample labelled thoughts with their states instead, which a value head is trained on',
  },
  'value-head': {
    type: 'boolean',
    description:
      'Experimental: fit a value head to a value set instead, and install it where it beats a constant',
  },
  packed: {
    type: 'string',
    placeholder: 'FOLDER',
    description:
      'With --value-set: a packed set; its questions are not sampled again. With --value-head: the set to fit to',
  },
  pack: {
    type: 'boolean',
    description: 'With --value-set: add what is sampled to the packed set, and sample nothing',
  },
  compare: {
    type: 'boolean',
    description: 'With --value-set: print what packed states lose, by cross-validation, and sample nothing',
  },
  components: { type: 'string', placeholder: 'N', description: 'With --pack: numbers kept of a state; 128' },
  bits: { type: 'string', placeholder: 'N', description: 'With --pack: bits of each, 8 (default) or 4' },
  threads: { type: 'string', placeholder: 'N', description: 'With --value-set: as many as pay unless given' },
  ...jsonOption,
} as const;

/** What the command line asks for. */
export interface CalibrateRequest extends SamplingChoice {
  readonly questionsPath: string;
  readonly model: string;
  readonly heldOutShare: number;
  readonly shareRule: ShareRule;
  readonly betaRule: BetaRule;
  /** Null puts it where it is used from. */
  readonly probePath: string | null;
  readonly rawPath: string | null;
  /** Null for today. */
  readonly date: string | null;
}

const defaults = {
  samples: 4,
  seed: 0,
  /** Warm enough that samples differ; at more a label depends on the temperature more than on the question. */
  temperature: 0.4,
  parallel: 16,
  heldOutShare: 0.25,
} as const;

/** Throws `UsageError` for options that are missing or out of their range. */
export function calibrateRequestFrom(
  values: OptionValues<typeof calibrateOptions>,
  positionals: readonly string[],
): CalibrateRequest {
  if (positionals.length > 0) throw new UsageError('"calibrate" takes options alone.');
  if (values.questions === undefined) throw new UsageError('"calibrate" needs --questions FILE.');
  const probePath = values.out ?? null;
  if (probePath !== null && path.extname(probePath) !== '.onnx') {
    throw new UsageError('--out takes the name of an .onnx file.');
  }
  const date = values.date ?? null;
  if (date !== null && !/^\d{4}-\d{2}-\d{2}$/.test(date)) {
    throw new UsageError(`--date takes a date such as 2025-06-30, not "${date}".`);
  }
  return {
    questionsPath: values.questions,
    model: values.model ?? defaultSettings.model,
    ...samplingFrom(values, defaults, 15),
    heldOutShare:
      numberOption(values['held-out'], 'held-out', { min: 0.05, max: 0.9 }) ?? defaults.heldOutShare,
    shareRule: choiceOption(values.shares, 'shares', shareRules) ?? 'even',
    betaRule: betaRuleFrom(values.beta),
    probePath,
    rawPath: values.raw ?? null,
    date,
  };
}

function betaRuleFrom(value: string | undefined): BetaRule {
  if (value === undefined || value === 'split') return { type: 'split' };
  const share = numberOption(value, 'beta', { min: 0, max: 1 });
  return share === undefined ? { type: 'split' } : { type: 'percentile', share };
}
