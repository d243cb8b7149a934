import { numberOption, UsageError, type OptionSpecs } from '../command.ts';

/** Rows in flight at once when nobody says. */
const defaultParallel = 4;

const parallelRange = { min: 1, max: 16, whole: true };

/** Options of the commands that take rows from a file; `rows` describes them. */
export function batchOptions(rows: string) {
  return {
    batch: {
      type: 'string',
      placeholder: 'FILE',
      description: `${rows}. Prints JSON lines: one for each row, then one that counts them`,
    },
    output: {
      type: 'string',
      placeholder: 'FILE',
      description: 'Where the lines of the rows go instead; a later run goes on where it stopped',
    },
    parallel: {
      type: 'string',
      placeholder: 'N',
      description: 'Rows of the batch at once',
      range: parallelRange,
      usual: String(defaultParallel),
    },
  } as const satisfies OptionSpecs;
}

/** Rows at once. Throws `UsageError` for a bad number, and for options of a batch where there is none. */
export function parallelOption(values: {
  readonly batch?: string;
  readonly output?: string;
  readonly parallel?: string;
}): number {
  if (values.batch === undefined && (values.output ?? values.parallel) !== undefined)
    throw new UsageError('--output and --parallel go with --batch.');
  return numberOption(values.parallel, 'parallel', parallelRange) ?? defaultParallel;
}
