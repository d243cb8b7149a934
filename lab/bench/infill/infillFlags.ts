import { resolve } from 'node:path';
import {
  choiceOption,
  numberOption,
  type OptionSpecs,
  type OptionValues,
} from '../../../sidecar/cli/command.ts';
import type { Prompting } from '../../../sidecar/completion/completionPrompt.ts';
import { type InfillLayout, infillLayouts } from '../../../sidecar/prompts/infillPrompt.ts';
import { type RowChoice, rowChoices } from './infillSet.ts';

/** Rows of each set, unless a run says otherwise. */
const defaultLimit = 120;
const defaultSpans = 500;
const healingChoices = ['run', 'blank', 'both'] as const;
const closersChoices = ['kept', 'leftOut', 'both'] as const;
export const readingChoices = ['whole', 'inTime'] as const;
export type ReadingChoice = (typeof readingChoices)[number];

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
  layouts: {
    type: 'string',
    placeholder: 'A,B',
    description: `Prompt layouts that the infill suite compares: ${infillLayouts.join(', ')}; the model's own unless given`,
  },
  closers: {
    type: 'string',
    placeholder: 'WHAT',
    description:
      'Whether prompts of the infill suite have a rest of the line that only closes: kept, leftOut or both; leftOut unless given',
  },
  reading: {
    type: 'string',
    placeholder: 'HOW',
    description:
      'Prompts of the infill suite: whole, or inTime (as long as this machine reads in half a second, as after a jump); whole unless given',
  },
  'span-files': {
    type: 'string',
    placeholder: 'FOLDER',
    description:
      'Folder of source files that the parts spans, indentation and rewritten cut; node_modules unless given',
  },
} as const satisfies OptionSpecs;

/** A way to ask for a completion, and its name in tables and raw files. */
export interface WayToAsk {
  readonly name: string;
  readonly prompting: Prompting;
}

export interface InfillOptions {
  readonly rows: RowChoice;
  /** Rows of each set at most. */
  readonly limit: number;
  readonly ways: readonly WayToAsk[];
  /** How much of each prompt is read: all of it, or what the product reads after a jump. */
  readonly reading: ReadingChoice;
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
  const reading = choiceOption(values.reading, 'reading', readingChoices) ?? 'whole';
  const limit = numberOption(values.limit, 'limit', { min: 0, max: 1e6, whole: true }) ?? defaultLimit;
  return {
    rows: choiceOption(values.rows, 'rows', rowChoices) ?? 'even',
    limit: limit === 0 ? Infinity : limit,
    ways: waysToAsk(
      healing,
      layoutList(values.layouts),
      choiceOption(values.closers, 'closers', closersChoices) ?? 'leftOut',
    ).map((way) => (reading === 'whole' ? way : { ...way, name: `${way.name}, prompts in time` })),
    reading,
    spans: values.limit === undefined || limit === 0 ? defaultSpans : limit,
    spanFolder: resolve(values['span-files'] ?? 'node_modules'),
    rawFolder: resolve(values.raw ?? rawFolder),
  };
}

/** The layouts of a list such as `suffixFirst,lineLast`; null for the model's own. Throws `UsageError`. */
function layoutList(list: string | undefined): readonly (InfillLayout | null)[] {
  if (list === undefined) return [null];
  return list.split(',').map((name) => choiceOption(name.trim(), 'layouts', infillLayouts) ?? null);
}

/** Every layout with every healing, and with and without what closes the line. */
function waysToAsk(
  healing: (typeof healingChoices)[number],
  layouts: readonly (InfillLayout | null)[],
  closers: (typeof closersChoices)[number],
): readonly WayToAsk[] {
  const healings = healing === 'both' ? (['blank', 'run'] as const) : [healing];
  const closersKept = closers === 'both' ? (['kept', 'leftOut'] as const) : [closers];
  return layouts.flatMap((layout) =>
    healings.flatMap((one) =>
      closersKept.map((kept) => ({
        name: [
          ...(layout === null ? [] : [layout]),
          one === 'run' ? 'healed' : 'not healed',
          ...(kept === 'kept' ? ['closers kept'] : []),
        ].join(', '),
        prompting: { healing: one, closers: kept, ...(layout !== null && { layout }) },
      })),
    ),
  );
}
