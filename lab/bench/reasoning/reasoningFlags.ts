import { resolve } from 'node:path';
import { adapterFrom } from '../../../sidecar/cli/adapterFrom.ts';
import {
  adapterOptions,
  numberOption,
  type OptionSpecs,
  type OptionValues,
  UsageError,
} from '../../../sidecar/cli/command.ts';
import type { AdapterRequest } from '../../../sidecar/engine/engine.ts';
import { autoTablePath } from '../../../sidecar/reasoning/difficulty/autoTable.ts';
import { parseStrategyRow, type StrategyRow } from './strategyRow.ts';

/** What is answered unless a run says otherwise. */
const defaults = {
  set: 'gsm8k-bench',
  strategies: 'direct,chainOfThought,auto:1,selfConsistency:4',
  against: 'chainOfThought',
  seeds: 1,
  limit: 20,
} as const;

/** Options of the reasoning suite alone. */
export const reasoningOptionSpecs = {
  ...adapterOptions,
  set: {
    type: 'string',
    placeholder: 'NAME',
    description: `Test set of the reasoning suite, a file of the --data folder; ${defaults.set} unless given`,
  },
  strategies: {
    type: 'string',
    placeholder: 'A,B',
    description: `Rows of the reasoning suite, such as selfConsistency:8:consensus=off; ${defaults.strategies} unless given`,
  },
  against: {
    type: 'string',
    placeholder: 'ROW',
    description: `The row that others are compared with; ${defaults.against} unless given`,
  },
  seeds: {
    type: 'string',
    placeholder: 'N',
    description: 'Runs of each question in rows that draw at random; 1 unless given',
  },
  limit: {
    type: 'string',
    placeholder: 'N',
    description: `Questions from the beginning of the set; ${defaults.limit} unless given, 0 for all. Of the infill suite: rows of each set, 120 unless given; of the edits suite: cases, all unless given`,
  },
  from: {
    type: 'string',
    placeholder: 'N',
    description:
      'Questions of the set, or cases of the edits suite, that are passed over before --limit counts; 0 unless given',
  },
  'route-to': {
    type: 'string',
    placeholder: 'NAME',
    description:
      'A larger model, measured before: shows the figures of each row if it answers what is hard for this one',
  },
  'write-table': {
    type: 'string',
    placeholder: 'FILE',
    description:
      "Write what pays for each class of difficulty there, where auto finds it; `store` for this machine's own table",
  },
  raw: {
    type: 'string',
    placeholder: 'FOLDER',
    description:
      'Where every answer of the reasoning, infill or edits suite is kept, so that a run goes on where it stopped',
  },
} as const satisfies OptionSpecs;

export interface ReasoningSuiteOptions {
  readonly setName: string;
  readonly rows: readonly StrategyRow[];
  readonly against: StrategyRow;
  /** 1, 2 … this many. */
  readonly seeds: number;
  /** Questions from the beginning of the set; `Infinity` for all. */
  readonly limit: number;
  /** Questions passed over before `limit` counts. */
  readonly from: number;
  /** Null writes no table. */
  readonly tableFile: string | null;
  readonly rawFolder: string;
  /** A larger model whose answers are there already; null routes nothing. */
  readonly routeTo: string | null;
  /** A LoRA adapter of the model that answers. */
  readonly adapter: AdapterRequest | null;
}

/** Throws `UsageError` for what makes no sense. */
export function reasoningOptions(
  values: OptionValues<typeof reasoningOptionSpecs>,
  { rawFolder, storePath }: { readonly rawFolder: string; readonly storePath: string },
): ReasoningSuiteOptions {
  const rows = (values.strategies ?? defaults.strategies)
    .split(',')
    .filter((text) => text.trim() !== '')
    .map((text) => parseStrategyRow(text.trim()));
  const keys = rows.map(({ key }) => key);
  const twice = keys.find((key, place) => keys.indexOf(key) < place);
  if (twice !== undefined) throw new UsageError(`--strategies has ${twice} twice.`);
  const adapter = adapterFrom(values);
  if (adapter !== null && values['write-table'] !== undefined)
    throw new UsageError(
      '--write-table goes without --adapter: a table says what pays for a model as its file is.',
    );
  const limit = numberOption(values.limit, 'limit', { min: 0, max: 1e6, whole: true }) ?? defaults.limit;
  return {
    setName: values.set ?? defaults.set,
    rows,
    against: parseStrategyRow(values.against ?? defaults.against),
    seeds: numberOption(values.seeds, 'seeds', { min: 1, max: 100, whole: true }) ?? defaults.seeds,
    limit: limit === 0 ? Infinity : limit,
    from: numberOption(values.from, 'from', { min: 0, max: 1e6, whole: true }) ?? 0,
    tableFile: values['write-table'] === undefined ? null : tableFile(values['write-table'], storePath),
    rawFolder: resolve(values.raw ?? rawFolder),
    routeTo: values['route-to'] ?? null,
    adapter,
  };
}

function tableFile(given: string, storePath: string): string {
  return given === 'store' ? autoTablePath(storePath) : resolve(given);
}
