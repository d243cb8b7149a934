import {
  choiceOption,
  jsonOption,
  numberOption,
  type OptionValues,
  UsageError,
} from '../../../sidecar/cli/command.ts';
import { type ServedKind, servedKinds } from '../../../sidecar/layerSkip/textQuality.ts';
import { seedRange } from '../../../sidecar/validation/parameterRanges.ts';
import { defaultHealingTokens } from '../healFile.ts';
import type { BlockSelection } from '../prunePlan.ts';
import type { MeasuringChoice } from './measuredModel.ts';

export const pruneOptions = {
  drop: { type: 'string', placeholder: 'N,N', description: 'Drop these blocks, counted from 0' },
  count: { type: 'string', placeholder: 'N', description: 'Drop so many blocks' },
  'keep-ratio': { type: 'string', placeholder: 'R', description: 'Keep this share of blocks' },
  speedup: { type: 'string', placeholder: 'S', description: 'Keep one block in S' },
  measure: {
    type: 'boolean',
    description: 'Choose blocks by measuring them, and say what dropping them costs',
  },
  by: {
    type: 'string',
    placeholder: 'HOW',
    description: 'How to choose: influence (default), or loss, which takes minutes and is better',
  },
  text: {
    type: 'string',
    placeholder: 'PATH',
    description: 'Measure on, and heal with, this file or folder of texts',
  },
  for: {
    type: 'string',
    placeholder: 'KIND',
    description: 'Measure only what it is for: document, infill or chat',
  },
  tokens: { type: 'string', placeholder: 'N', description: 'Tokens of text to measure on, and to heal with' },
  rounds: { type: 'string', placeholder: 'N', description: 'Rounds of a speed measurement' },
  seed: { type: 'string', placeholder: 'N', description: 'The same seed cuts the same gaps into the texts' },
  plan: {
    type: 'string',
    placeholder: 'FILE',
    description:
      'Keep the plan in this file, in the place of an earlier one; where no blocks are chosen, take it from there',
  },
  compare: {
    type: 'boolean',
    description: 'Compare the ways to choose blocks, or the pruned files named after MODEL',
  },
  profile: { type: 'boolean', description: 'Show what was measured of smaller copies of this model' },
  heal: {
    type: 'boolean',
    description: 'Make up for what is dropped, by corrections fitted to the text; takes minutes',
  },
  output: { type: 'string', placeholder: 'FILE', description: 'The GGUF file to write; it must not exist' },
  ...jsonOption,
} as const;

/** What the command line asks for. */
export type PruneRequest = { readonly model: string; readonly measuring: MeasuringChoice } & (
  | { readonly type: 'profile' }
  | { readonly type: 'compareFiles'; readonly files: readonly string[] }
  | { readonly type: 'compareWays'; readonly selection: BlockSelection }
  | {
      readonly type: 'plan';
      /** Null takes the plan from `planPath`. */
      readonly blocks: BlockSelection | null;
      /** Null takes the blocks as the selection says. */
      readonly by: 'influence' | 'loss' | null;
      readonly isMeasured: boolean;
      readonly planPath: string | null;
      readonly outputPath: string | null;
      /** Tokens that corrections are fitted to; null where nothing is healed. */
      readonly healingTokens: number | null;
    }
);

/** Tokens of each measurement where none are asked for: half a minute for a model of half a billion parameters. */
const defaultTokens = 4000;
/** Half a minute for a model of half a billion parameters. */
const defaultRounds = 7;

/** Throws `UsageError` for options that do not go together. */
export function pruneRequestFrom(
  values: OptionValues<typeof pruneOptions>,
  positionals: readonly string[],
): PruneRequest {
  const [model, ...files] = positionals;
  if (model === undefined) throw new UsageError('"prune" takes a model.');
  const measuring = measuringFrom(values);
  const selection = selectionFrom(values);
  const by = choiceOption(values.by, 'by', ['influence', 'loss']);
  if (files.length > 0 && values.compare !== true) throw new UsageError('"prune" takes one model.');
  if (values.profile === true) {
    refuseOthers(values, ['profile'], '--profile');
    return { model, measuring, type: 'profile' };
  }
  if (values.compare === true) {
    if (files.length > 0) {
      refuseOthers(values, comparingOptions, '--compare with pruned files');
      return { model, measuring, type: 'compareFiles', files };
    }
    if (selection !== null && selection.type !== 'drop') {
      refuseOthers(values, [...comparingOptions, 'count', 'keep-ratio', 'speedup'], '--compare');
      return { model, measuring, type: 'compareWays', selection };
    }
    throw new UsageError('--compare takes pruned files, or --count, --keep-ratio or --speedup.');
  }
  if (values.rounds !== undefined) throw new UsageError('--rounds is for --compare.');
  const isMeasured = values.measure === true || by !== undefined;
  const planPath = values.plan ?? null;
  const outputPath = values.output ?? null;
  if (selection === null && planPath === null) {
    throw new UsageError('"prune" takes one of --drop, --count, --keep-ratio, --speedup and --plan.');
  }
  if (outputPath === null && !isMeasured && (selection === null || planPath === null)) {
    throw new UsageError('"prune" needs --output FILE.');
  }
  if (by !== undefined && (selection === null || selection.type === 'drop')) {
    throw new UsageError('--by chooses blocks: it goes with --count, --keep-ratio or --speedup.');
  }
  if (values.for !== undefined && !isMeasured) throw new UsageError('--for needs --measure or --by.');
  if (!isMeasured && values.heal !== true) {
    const reading = (['text', 'tokens', 'seed'] as const).find((name) => values[name] !== undefined);
    if (reading !== undefined) throw new UsageError(`--${reading} needs --measure, --by or --heal.`);
  }
  const chosenBy = isMeasured && selection !== null && selection.type !== 'drop' ? (by ?? 'influence') : null;
  if (values.heal === true && outputPath === null) throw new UsageError('--heal needs --output FILE.');
  return {
    model,
    measuring,
    type: 'plan',
    healingTokens: values.heal === true ? (tokensFrom(values) ?? defaultHealingTokens) : null,
    blocks: selection,
    by: chosenBy,
    isMeasured,
    planPath,
    outputPath,
  };
}

type PruneOption = keyof typeof pruneOptions;

/** How something is compared. */
const comparingOptions: readonly PruneOption[] = ['compare', 'text', 'for', 'tokens', 'rounds', 'seed'];

/** Every option that is given has an effect, or is refused. */
function refuseOthers(
  values: OptionValues<typeof pruneOptions>,
  allowed: readonly PruneOption[],
  what: string,
): void {
  const known: readonly string[] = [...allowed, 'json'];
  const other = Object.keys(values).find((name) => !known.includes(name));
  if (other !== undefined) throw new UsageError(`${what} does not take --${other}.`);
}

function measuringFrom(values: OptionValues<typeof pruneOptions>): MeasuringChoice {
  const kind: ServedKind | undefined = choiceOption(values.for, 'for', servedKinds);
  return {
    textPath: values.text ?? null,
    kinds: kind === undefined ? servedKinds : [kind],
    seed: numberOption(values.seed, 'seed', seedRange) ?? 0,
    tokens: tokensFrom(values) ?? defaultTokens,
    rounds: numberOption(values.rounds, 'rounds', { min: 1, max: 1000, whole: true }) ?? defaultRounds,
  };
}

function tokensFrom(values: OptionValues<typeof pruneOptions>): number | undefined {
  return numberOption(values.tokens, 'tokens', { min: 100, max: 1e6, whole: true });
}

function selectionFrom(values: OptionValues<typeof pruneOptions>): BlockSelection | null {
  const count = numberOption(values.count, 'count', { min: 1, max: 1000, whole: true });
  const ratio = numberOption(values['keep-ratio'], 'keep-ratio', { min: 0, max: 1, whole: false });
  const factor = numberOption(values.speedup, 'speedup', { min: 1, max: 100, whole: false });
  const given: readonly BlockSelection[] = [
    ...(values.drop === undefined ? [] : [{ type: 'drop', blocks: blockList(values.drop) } as const]),
    ...(count === undefined ? [] : [{ type: 'count', count } as const]),
    ...(ratio === undefined ? [] : [{ type: 'keepRatio', ratio } as const]),
    ...(factor === undefined ? [] : [{ type: 'speedup', factor } as const]),
  ];
  const [selection, ...others] = given;
  if (others.length === 0) return selection ?? null;
  throw new UsageError('"prune" takes one of --drop, --count, --keep-ratio and --speedup.');
}

function blockList(text: string): readonly number[] {
  return text.split(',').map((part) => {
    if (/^\s*\d+\s*$/.test(part)) return Number(part);
    throw new UsageError(`--drop takes block numbers such as "11,12", not "${text}".`);
  });
}
