import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CompleteResult } from '../../../protocol/messages.ts';
import { present } from '../../fieldReader.ts';
import { multilineChoices } from '../../settings.ts';
import { readGapRow } from '../batch/batchRows.ts';
import { runBatch } from '../batch/runBatch.ts';
import {
  choiceOption,
  defineCommand,
  modelOptions,
  numberOption,
  UsageError,
  type OptionSpecs,
  type OptionValues,
} from '../command.ts';
import { completeAt, offsetOf, type CompletionChoices, type CompletionPlace } from '../completeAt.ts';
import { printable } from '../drawing/cellWidth.ts';
import { ghostTextView } from '../drawing/ghostTextView.ts';
import { styleFor } from '../drawing/style.ts';
import { languageOf } from '../languageOf.ts';
import { withSidecar } from '../openSidecar.ts';
import type { Terminal } from '../terminal.ts';

/** Options of everything that completes. */
export const completeOptions = {
  ...modelOptions,
  file: { type: 'string', placeholder: 'FILE', description: 'File to complete in; it is not changed' },
  line: { type: 'string', placeholder: 'L', description: 'Line of the cursor, counted from 1' },
  column: { type: 'string', placeholder: 'C', description: 'Column of the cursor, from 1, in UTF-16 units' },
  candidates: {
    type: 'string',
    placeholder: 'N',
    description: 'Alternatives to choose from, the greedy one first',
  },
  multiline: { type: 'string', placeholder: 'WHEN', description: multilineChoices.join(', ') },
  'max-tokens': { type: 'string', placeholder: 'N', description: 'Tokens of one completion at most' },
} as const satisfies OptionSpecs;

export const completeCommand = defineCommand({
  name: 'complete',
  summary: 'Complete code at a cursor',
  usage: 'complete [options] --file FILE --line L --column C  |  complete [options] --batch FILE.jsonl',
  options: {
    ...completeOptions,
    batch: {
      type: 'string',
      placeholder: 'FILE',
      description: 'Rows {"id", "prefix", "suffix"}, one JSON object a line',
    },
    output: {
      type: 'string',
      placeholder: 'FILE',
      description: 'Results of the batch; goes on where it stopped',
    },
    parallel: {
      type: 'string',
      placeholder: 'N',
      description: 'Rows of the batch at once; 4 when not given',
    },
  },
  run: async ({ values, positionals, terminal }, signal) => {
    if (positionals.length > 0) throw new UsageError(`"${positionals.join(' ')}" is no option.`);
    if ((values.batch === undefined) === (values.file === undefined)) {
      throw new UsageError('Give --file, --line and --column, or --batch FILE.');
    }
    if (values.output !== undefined && values.batch === undefined)
      throw new UsageError('--output goes with --batch.');
    const choices = completionChoices(values);
    const parallel = numberOption(values.parallel, 'parallel', { min: 1, max: 16, whole: true }) ?? 4;
    const place = values.file === undefined ? null : await readPlace(values);
    const settings = present({ model: values.model });
    return withSidecar(
      { settings, terminal, isQuiet: values.json === true, showsLog: values.log === true },
      async (client) => {
        if (place !== null) {
          const result = await completeAt(client, place, { choices, signal });
          if (values.json === true) terminal.print(JSON.stringify({ type: 'result', ...result }));
          else if (terminal.isOutputTerminal) printInPlace(place, result, terminal);
          else printAlone(result, terminal);
          return 0;
        }
        return runBatch(
          {
            inputPath: values.batch ?? '',
            outputPath: values.output ?? null,
            readRow: readGapRow,
            parallel,
            runRow: async ({ id, prefix, suffix }, rowSignal) => {
              const uri = `batch:///${encodeURIComponent(JSON.stringify(id))}`;
              const row = { uri, languageId: 'plaintext', before: prefix, after: suffix };
              const { items, report } = await completeAt(client, row, { choices, signal: rowSignal });
              return { completion: items[0]?.text ?? '', items, report };
            },
          },
          terminal,
          signal,
        );
      },
    );
  },
});

/** Throws `UsageError`. */
export function completionChoices(values: OptionValues<typeof completeOptions>): CompletionChoices {
  return present({
    candidates: numberOption(values.candidates, 'candidates', { min: 1, max: 16, whole: true }),
    seed: numberOption(values.seed, 'seed', { min: 0, max: 2 ** 32 - 1, whole: true }),
    multiline: choiceOption(values.multiline, 'multiline', multilineChoices),
    maxTokens: numberOption(values['max-tokens'], 'max-tokens', { min: 1, max: 100_000, whole: true }),
  });
}

/** The file cut at the cursor. Throws `UsageError` for a place that does not exist. */
export async function readPlace(
  values: Pick<OptionValues<typeof completeOptions>, 'file' | 'line' | 'column'>,
): Promise<CompletionPlace> {
  const range = { min: 1, max: 2 ** 31, whole: true };
  const line = numberOption(values.line, 'line', range);
  const column = numberOption(values.column, 'column', range);
  if (values.file === undefined || line === undefined || column === undefined) {
    throw new UsageError('--file, --line and --column go together.');
  }
  const filePath = path.resolve(values.file);
  const text = await readFile(filePath, 'utf8').catch((cause: unknown) => {
    throw new UsageError(
      `${filePath} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
    );
  });
  const offset = offsetOf(text, { line, column });
  if (offset === null) throw new UsageError(`${values.file} has no line ${line} with a column ${column}.`);
  return {
    uri: pathToFileURL(filePath).href,
    languageId: languageOf(filePath),
    before: text.slice(0, offset),
    after: text.slice(offset),
  };
}

/** The completion as a reader sees it in an editor, and what it cost. */
export function printInPlace(place: CompletionPlace, result: CompleteResult, terminal: Terminal): void {
  const [first, ...others] = result.items;
  const lines = ghostTextView(
    { before: place.before, after: place.after, completion: first?.text ?? '' },
    { columns: terminal.columns(), style: styleFor(terminal), hasColour: terminal.hasColour },
  );
  terminal.print(lines.join('\n'));
  for (const { text } of others) terminal.print(`or: ${printable(text)}`);
  noteCost(result, terminal);
}

/** The completion and nothing else, for a pipe. */
function printAlone(result: CompleteResult, terminal: Terminal): void {
  const [first] = result.items;
  if (first !== undefined) terminal.print(first.text);
  noteCost(result, terminal);
}

function noteCost({ report }: CompleteResult, terminal: Terminal): void {
  if (report.suppressed !== null) terminal.note(`nothing to insert: ${report.suppressed}`);
  const parts = [
    `${report.promptTokenCount} prompt tokens, ${report.cachedTokenCount} cached`,
    `${report.generatedTokenCount} generated`,
    `${Math.round(report.durationMs)} ms`,
  ];
  const { decodeTokensPerSecond } = report.timing;
  if (decodeTokensPerSecond !== null) parts.push(`${decodeTokensPerSecond.toFixed(1)} tok/s`);
  terminal.note(parts.join(' · '));
}
