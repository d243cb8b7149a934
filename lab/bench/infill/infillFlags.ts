import { resolve } from 'node:path';
import {
  choiceOption,
  numberOption,
  type OptionSpecs,
  type OptionValues,
} from '../../../sidecar/cli/command.ts';
import type { Healing } from '../../../sidecar/completion/cursorContext.ts';
import { type RowChoice, rowChoices } from './infillSet.ts';

/** Rows of each set, unless a run says otherwise. */
const defaultLimit = 120;
const defaultSpans = 500;
const healingChoices = ['run', 'blank', 'both'] as const;

/** Options of the infill suite alone. `limit` and `raw` it shares with the reasoning suite. */
export const infillOptionSpecs = {
  rows: {
    type: 'string',
    placeholder: 'WHICH',
    description:
      'Rows of the infill sets: all, even or odd; even unless given, since rules are tuned on odd ones',
  },
  healing: {
    type: 'string',
    placeholder: 'WHAT',
    description:
      'What before the cursor the infill suite generates again: run (a word or punctuation, required), blank (one blank, as without healing) or both; both unless given',
  },
  'span-files': {
    type: 'string',
    placeholder: 'FOLDER',
    description:
      'Folder of source files that the parts spans, indentation and rewritten cut; node_modules unless given',
  },
} as const satisfies OptionSpecs;

export interface InfillOptions {
  readonly rows: RowChoice;
  /** Rows of each set at most. */
  readonly limit: number;
  readonly healings: readonly Healing[];
  /** Spans cut from files at most. */
  readonly spans: number;
  readonly spanFolder: string;
  /** Where every completed row is kept, so that a run goes on where it stopped. */
  readonly rawFolder: string;
}

/** Throws `UsageError` for what makes no sense. */
export function infillOptions(
  values: OptionValues<typeof infillOptionSpecs> & { readonly limit?: string; readonly raw?: string },
  rawFolder: string,
): InfillOptions {
  const healing = choiceOption(values.healing, 'healing', healingChoices) ?? 'both';
  const limit = numberOption(values.limit, 'limit', { min: 0, max: 1e6, whole: true }) ?? defaultLimit;
  return {
    rows: choiceOption(values.rows, 'rows', rowChoices) ?? 'even',
    limit: limit === 0 ? Infinity : limit,
    healings: healing === 'both' ? ['blank', 'run'] : [healing],
    spans: values.limit === undefined || limit === 0 ? defaultSpans : limit,
    spanFolder: resolve(values['span-files'] ?? 'node_modules'),
    rawFolder: resolve(values.raw ?? rawFolder),
  };
}
