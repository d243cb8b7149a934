import { CodedError } from '../../protocol/codedError.ts';
import type { EditKind, EditParams } from '../../protocol/edit.ts';
import type { LineRange } from './lineRange.ts';
import { offsetAt } from './rangeEdits.ts';

/** Where an edit may write: whole lines, or at a cursor. */
export type EditPlace =
  | { readonly type: 'lines'; readonly range: LineRange }
  | { readonly type: 'cursor'; readonly offset: number };

/** A range of so many lines is refused before a model is asked. */
const tooManyLines = 5000;

const kindWords: Readonly<Record<EditKind, string>> = {
  edit: 'edited',
  fix: 'fixed',
  document: 'documented',
  tests: 'tested',
  continue: 'continued',
};

/**
 * The place that the parameters name. Throws `parameter.invalid` for a range that the document has not, that has part of a line,
 * that has nothing in it where there has to be something, or that is too long. Pure.
 */
export function editPlace({
  kind,
  document,
  range,
}: Pick<EditParams, 'kind' | 'document' | 'range'>): EditPlace {
  const lines = document.text.split('\n').map((line) => line.replace(/\r$/, ''));
  const { start, end } = range;
  const isInside = [start, end].every(({ line, character }) => character <= (lines[line]?.length ?? -1));
  const isForward = start.line < end.line || (start.line === end.line && start.character <= end.character);
  if (!isInside || !isForward) {
    throw invalid(
      `The range to edit is outside of ${document.path}, which has ${lines.length} lines.`,
      'Nothing was asked of the model. Choose lines that the document has.',
    );
  }
  const isEmpty = start.line === end.line && start.character === end.character;
  if (kind === 'continue') {
    if (isEmpty) return { type: 'cursor', offset: offsetAt(document.text, start) };
    throw invalid('Code goes on at a cursor, and the range is not empty.', 'Give an empty range.');
  }
  const isAtEnd = end.line === lines.length - 1 && end.character === lines.at(-1)?.length;
  const isWhole = start.character === 0 && (end.character === 0 || isAtEnd);
  if (!isWhole && !(isEmpty && isAtEnd)) {
    throw invalid(
      'The range to edit begins or ends inside of a line, and only whole lines are replaced.',
      'Let it begin at column 0 and end at column 0 of the line after, or at the end of the document.',
    );
  }
  if (isEmpty && (kind === 'fix' || kind === 'document'))
    throw invalid(`The range is empty, so nothing is there to be ${kindWords[kind]}.`, 'Choose some lines.');
  const first = start.character === 0 ? start.line + 1 : start.line + 2;
  const last = end.character === 0 ? end.line : end.line + 1;
  const lineCount = last - first + 1;
  if (lineCount >= tooManyLines) {
    throw invalid(
      `The range has ${lineCount} lines, and fewer than ${tooManyLines} can be ${kindWords[kind]} at once.`,
      'Choose the smallest range that has the change in it, such as one function.',
    );
  }
  return { type: 'lines', range: { first, last } };
}

function invalid(message: string, remedy: string): CodedError {
  return new CodedError('parameter.invalid', message, remedy);
}
