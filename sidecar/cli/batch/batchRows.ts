import { CodedError } from '../../../protocol/codedError.ts';
import { FieldReader } from '../../validation/fieldReader.ts';
import { readInputFile } from '../inputFile.ts';

/** A row's identifier; numbers and strings are kept apart, as JSON does. */
export type RowId = string | number;

export interface QuestionRow {
  readonly id: RowId;
  readonly question: string;
}

export interface GapRow {
  readonly id: RowId;
  readonly prefix: string;
  readonly suffix: string;
}

/** The rows of a batch file. Throws `parameter.invalid` for one that cannot be read, and as `parseBatch` does. */
export async function readBatch<R extends { readonly id: RowId }>(
  filePath: string,
  readRow: (fields: FieldReader) => R,
): Promise<readonly R[]> {
  return parseBatch(await readInputFile(filePath), readRow);
}

/**
 * Rows of a JSON Lines text, blank lines left out, extra members ignored. Throws `batch.unreadable` naming the
 * first line that cannot be read, or that has the identifier of an earlier one, before anything has run.
 */
export function parseBatch<R extends { readonly id: RowId }>(
  text: string,
  readRow: (fields: FieldReader) => R,
): readonly R[] {
  const rows: R[] = [];
  const lineOf = new Map<RowId, number>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const row = parseLine(line, index + 1, readRow);
    const earlier = lineOf.get(row.id);
    if (earlier !== undefined) {
      throw unreadable(index + 1, `it has the id ${JSON.stringify(row.id)} of line ${earlier}`);
    }
    lineOf.set(row.id, index + 1);
    rows.push(row);
  }
  return rows;
}

export function readQuestionRow(fields: FieldReader): QuestionRow {
  return { id: readRowId(fields), question: fields.string('question') };
}

export function readGapRow(fields: FieldReader): GapRow {
  return { id: readRowId(fields), prefix: fields.string('prefix'), suffix: fields.string('suffix') };
}

function readRowId(fields: FieldReader): RowId {
  return fields.optionalToken('id') ?? fields.string('id');
}

function parseLine<R>(line: string, lineNumber: number, readRow: (fields: FieldReader) => R): R {
  try {
    return readRow(new FieldReader(JSON.parse(line), 'row'));
  } catch (thrown) {
    const why = thrown instanceof CodedError ? thrown.message : 'it is not JSON';
    throw unreadable(lineNumber, why, thrown);
  }
}

function unreadable(lineNumber: number, why: string, cause?: unknown): CodedError {
  return new CodedError(
    'batch.unreadable',
    `Line ${lineNumber} of the batch cannot be used: ${why.replace(/\.$/, '')}. Nothing was run.`,
    'Correct or remove that line; docs/PROTOCOL.md describes batch rows.',
    { cause },
  );
}
