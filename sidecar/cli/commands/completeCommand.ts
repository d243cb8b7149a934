import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { CodedError } from '../../../protocol/codedError.ts';
import type { SuppressedReason } from '../../../protocol/health.ts';
import type { CompleteResult } from '../../../protocol/messages.ts';
import { multilineChoices } from '../../../protocol/settingsTable.ts';
import { present } from '../../validation/fieldReader.ts';
import { candidateRange, completionRange, seedRange } from '../../validation/parameterRanges.ts';
import { batchOptions, parallelOption } from '../batch/batchOptions.ts';
import { type GapRow, readGapRow } from '../batch/batchRows.ts';
import { runBatchFile } from '../batch/runBatchFile.ts';
import {
  choiceOption,
  defineCommand,
  jsonOption,
  modelOptions,
  numberOption,
  type OptionSpecs,
  type OptionValues,
  UsageError,
} from '../command.ts';
import { completeAt, type CompletionChoices, type TextWithCursor, offsetOf } from '../completeAt.ts';
import { printable } from '../drawing/cellWidth.ts';
import { ghostTextView } from '../drawing/ghostTextView.ts';
import { styleFor } from '../drawing/style.ts';
import { asSetting } from '../optionSpec.ts';
import { readInputFile } from '../inputFile.ts';
import { languageOf } from '../languageOf.ts';
import { sidecarFor, withSidecar } from '../openSidecar.ts';
import type { SidecarClient } from '../sidecarClient.ts';
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
    range: candidateRange,
    usual: '1',
  },
  multiline: {
    type: 'string',
    placeholder: 'WHEN',
    description: multilineChoices.join(', '),
    ...asSetting('multiline'),
  },
  'max-tokens': {
    type: 'string',
    placeholder: 'N',
    description: 'Tokens of one completion at most',
    ...asSetting('completionMaxTokens'),
  },
} as const satisfies OptionSpecs;

export const completeCommand = defineCommand({
  name: 'complete',
  summary: 'Complete code at a cursor',
  usage: 'complete [options] --file FILE --line L --column C  |  complete [options] --batch FILE.jsonl',
  options: {
    ...completeOptions,
    ...batchOptions('Rows {"id", "prefix", "suffix"}, one JSON object a line'),
    ...jsonOption,
  },
  run: async ({ values, positionals, terminal }, signal) => {
    if (positionals.length > 0) throw new UsageError(`"${positionals.join(' ')}" is not an option.`);
    if ((values.batch === undefined) === (values.file === undefined)) {
      throw new UsageError('Give --file, --line and --column, or --batch FILE.');
    }
    if (values.batch !== undefined && (values.line ?? values.column) !== undefined)
      throw new UsageError('--line and --column go with --file, not with --batch.');
    const parallel = parallelOption(values);
    const choices = completionChoices(values);
    const isQuiet = values.json === true;
    const sidecar = sidecarFor(values, terminal);
    if (values.batch !== undefined) {
      const runRow = async (client: SidecarClient, row: GapRow, rowSignal: AbortSignal) => {
        const uri = `batch:///${encodeURIComponent(JSON.stringify(row.id))}`;
        const place = { uri, languageId: 'plaintext', before: row.prefix, after: row.suffix };
        const { items, report } = await completeAt(client, place, { choices, signal: rowSignal });
        return { completion: items[0]?.text ?? '', items, report };
      };
      const { batch, output } = values;
      return runBatchFile({ path: batch, output, parallel, readRow: readGapRow, runRow }, sidecar, signal);
    }
    const place = await readPlace(values);
    return withSidecar(sidecar, async (client) => {
      const result = await completeAt(client, place, { choices, signal });
      if (isQuiet) terminal.print(JSON.stringify({ type: 'result', ...result }));
      else if (terminal.output.isTerminal) printInPlace(place, result, terminal);
      else printAlone(result, terminal);
      return 0;
    });
  },
});

/** Throws `UsageError`. */
export function completionChoices(values: OptionValues<typeof completeOptions>): CompletionChoices {
  return present({
    candidates: numberOption(values.candidates, 'candidates', candidateRange),
    seed: numberOption(values.seed, 'seed', seedRange),
    multiline: choiceOption(values.multiline, 'multiline', multilineChoices),
    maxTokens: numberOption(values['max-tokens'], 'max-tokens', completionRange),
  });
}

/** The file cut at the cursor. Throws `parameter.invalid` for a place that does not exist. */
export async function readPlace(
  values: Pick<OptionValues<typeof completeOptions>, 'file' | 'line' | 'column'>,
): Promise<TextWithCursor> {
  const range = { min: 1, max: 2 ** 31, whole: true };
  const line = numberOption(values.line, 'line', range);
  const column = numberOption(values.column, 'column', range);
  if (values.file === undefined || line === undefined || column === undefined) {
    throw new UsageError('--file, --line and --column go together.');
  }
  const filePath = path.resolve(values.file);
  const text = await readInputFile(filePath);
  const offset = offsetOf(text, { line, column });
  if (offset === null) {
    throw new CodedError(
      'parameter.invalid',
      `${values.file} has no line ${line} with a column ${column}.`,
      'Both count from 1; the column may be just after the last character of the line.',
    );
  }
  return {
    uri: pathToFileURL(filePath).href,
    languageId: languageOf(filePath),
    before: text.slice(0, offset),
    after: text.slice(offset),
  };
}

/** The completion as a reader sees it in an editor, and what it cost. */
export function printInPlace(place: TextWithCursor, result: CompleteResult, terminal: Terminal): void {
  const [first, ...others] = result.items;
  const { output } = terminal;
  const lines = ghostTextView(
    { before: place.before, after: place.after, completion: first?.text ?? '' },
    { columns: output.columns(), style: styleFor(output), hasColour: output.hasColour },
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

/** Why there is nothing, in words, where the command line can come to it: other reasons are an editor's. */
const suppressedWords: Partial<Record<SuppressedReason, string>> = {
  breaksSyntax: 'what the model wrote would have broken the code',
  duplicatesSuffix: 'the model only repeated what follows the cursor',
  emptyCompletion: 'the model had nothing to add',
  insideCharacter: 'the cursor is inside one character',
  onlyWhitespace: 'the model only added white space',
};

function noteCost({ report }: CompleteResult, terminal: Terminal): void {
  const { suppressed } = report;
  if (suppressed !== null) {
    terminal.note(`nothing to insert: ${suppressedWords[suppressed] ?? suppressed} (${suppressed})`);
  }
  const parts = [
    `${report.promptTokenCount} prompt tokens, ${report.cachedTokenCount} cached`,
    `${report.generatedTokenCount} generated`,
    `${Math.round(report.durationMs)} ms`,
  ];
  const { decodeTokensPerSecond } = report.timing;
  if (decodeTokensPerSecond !== null) parts.push(`${decodeTokensPerSecond.toFixed(1)} tok/s`);
  terminal.note(parts.join(' · '));
}
