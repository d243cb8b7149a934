import type { Attachment } from '../../../protocol/attachment.ts';
import type { FormattingOptions } from '../../../protocol/documentPlace.ts';
import { takesParameter } from '../../../protocol/strategyTable.ts';
import { codeOfAnswer } from '../../../sidecar/edits/askedEdit.ts';
import { rangePrompt, requestText } from '../../../sidecar/edits/editPrompt.ts';
import {
  type LineRange,
  linesWithEnds,
  replaceRange,
  withLineEnds,
} from '../../../sidecar/edits/lineRange.ts';
import { placedCode } from '../../../sidecar/edits/placedCode.ts';
import { parseStrategyRow, type StrategyRow } from '../reasoning/strategyRow.ts';
import type { EditCase } from './editCase.ts';

/** A way to have a model edit, as a row of the report. Pure. */
export interface EditWay {
  readonly name: string;
  /** By which strategy it answers. */
  readonly row: StrategyRow;
  /** What the model is given. Lines end with `\n` there. */
  ask(edit: EditCase): { readonly question: string; readonly attachment: Attachment };
  /** The lines whose place the answer's code takes. */
  replaced(edit: EditCase): LineRange;
}

const oneAnswer = parseStrategyRow('direct:temperature=0');

/** The file is attached, and all of it is written again: the answer's code takes its place. */
const wholeFile: EditWay = {
  name: 'wholeFile',
  row: oneAnswer,
  ask: (edit) => {
    const { first, last } = edit.range;
    const kept = edit.scope === 'file' ? [] : [`Change nothing outside of lines ${first} to ${last}.`];
    const form = 'Print the whole changed file in one code block and nothing else.';
    return {
      question: [requestOf(edit), [...kept, form].join(' ')].join('\n\n'),
      attachment: {
        languageId: edit.language,
        path: edit.path,
        text: withLineEnds(edit.text, '\n'),
      },
    };
  },
  replaced: ({ text }) => ({ first: 1, last: linesWithEnds(text).length }),
};

/** The product's way: the range and some lines around it are given, and the answer's code takes its place. */
const range: EditWay = {
  name: 'range',
  row: oneAnswer,
  ask: (edit) => {
    const { language, path, text, range } = edit;
    return rangePrompt({ languageId: language, path, text, range, request: requestOf(edit), others: [] });
  },
  replaced: ({ range }) => range,
};

/**
 * The product's race: of four programs for the range, one greedy and three sampled, the one that most agree on among those with
 * which the file parses. Nothing is tested: all tests are hidden.
 */
export const rangeBestOf4: EditWay = {
  ...range,
  name: 'rangeBestOf4',
  row: parseStrategyRow('directBestOfN:4'),
};

export const editWays: readonly EditWay[] = [wholeFile, range, rangeBestOf4];

/** Candidates that a way has side by side for one edit. Pure. */
export function candidatesOf({ row: { request } }: EditWay): number {
  return takesParameter(request.strategy, 'candidates') ? request.candidateCount : 1;
}

function requestOf({ kind, request }: EditCase): string {
  return kind === 'fix'
    ? requestText('fix', { instruction: '', problems: [request] })
    : requestText('edit', { instruction: request, problems: [] });
}

const productKinds = { instruction: 'edit', fix: 'fix' } as const;

/** What editors have by default; files of the set say themselves how they are indented. */
const formatting: FormattingOptions = { tabSize: 4, insertSpaces: true };

/** The file with the code of an answer in it, as the product takes it off an answer and places it; null without any. Pure. */
export function editedBy(way: EditWay, edit: EditCase, answer: string): string | null {
  const { strategy } = way.row.request;
  const place = { type: 'lines', range: way.replaced(edit) } as const;
  const code = codeOfAnswer({ kind: productKinds[edit.kind], strategy, document: edit, place }, answer);
  return code === null ? null : withCode(way, edit, code);
}

/** The file with code of an answer in the place of the lines that a way has it replace. Pure. */
export function withCode(way: EditWay, edit: EditCase, code: string): string {
  const range = way.replaced(edit);
  return replaceRange(edit.text, range, placedCode(code, { text: edit.text, formatting }, range));
}
