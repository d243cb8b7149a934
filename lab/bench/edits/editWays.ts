import type { Attachment } from '../../../protocol/attachment.ts';
import { takesParameter } from '../../../protocol/strategyTable.ts';
import { fenced } from '../../../sidecar/prompts/chatPrompt.ts';
import { fencedBlocks } from '../../../sidecar/reasoning/answers/codeFence.ts';
import { parseStrategyRow, type StrategyRow } from '../reasoning/strategyRow.ts';
import type { EditCase } from './editCase.ts';
import { lineEndOf, linesOf, replaceRange, splitAtRange, withLineEnds } from './lineRange.ts';

/** A way to have a model edit, as a row of the report. Pure. */
export interface EditWay {
  readonly name: string;
  /** By which strategy it answers. */
  readonly row: StrategyRow;
  /** What the model is given. Lines end with `\n` there. */
  ask(edit: EditCase): { readonly question: string; readonly attachment: Attachment };
  /** The file with the answer's code in it; null where there is none. */
  apply(edit: EditCase, answer: string): string | null;
}

/** Lines shown before and after those that are to be replaced. */
const contextLines = 12;

const oneAnswer = parseStrategyRow('direct:temperature=0');

/** The file is attached, and all of it is written again: the answer's first block takes its place. */
const wholeFile: EditWay = {
  name: 'wholeFile',
  row: oneAnswer,
  ask: (edit) => {
    const { first, last } = edit.range;
    const kept = edit.scope === 'file' ? [] : [`Change nothing outside of lines ${first} to ${last}.`];
    const form = 'Print the whole changed file in one code block and nothing else.';
    return {
      question: [requestOf(edit), [...kept, form].join(' ')].join('\n\n'),
      attachment: attached(edit, edit.text),
    };
  },
  apply: (edit, answer) => {
    const code = firstBlock(answer);
    return code === null ? null : placed(code, edit.text, lineEndOf(edit.text));
  },
};

/** The range and some lines around it are given, and the answer's first block takes its place, with its own indentation. */
const range: EditWay = {
  name: 'range',
  row: oneAnswer,
  ask: (edit) => {
    const { before, inside, after } = splitAtRange(edit.text, edit.range);
    const around = [
      ...linesOf(before).slice(-contextLines),
      inside,
      ...linesOf(after).slice(0, contextLines),
    ];
    const lines = `These are its lines to change:\n\n${fenced(withLineEnds(inside, '\n'), edit.language)}`;
    const form =
      'Print only the lines that take their place, with their indentation, in one code block and nothing else.';
    return {
      question: [lines, requestOf(edit), form].join('\n\n'),
      attachment: attached(edit, around.join('')),
    };
  },
  apply: (edit, answer) => {
    const code = firstBlock(answer);
    if (code === null) return null;
    const { inside } = splitAtRange(edit.text, edit.range);
    return replaceRange(edit.text, edit.range, placed(code, inside, lineEndOf(edit.text)));
  },
};

/** Of four whole files, one greedy and three sampled, the one that most agree on among those that parse. Nothing is tested. */
export const wholeFileBestOf4: EditWay = {
  ...wholeFile,
  name: 'wholeFileBestOf4',
  row: parseStrategyRow('directBestOfN:4'),
};

export const editWays: readonly EditWay[] = [wholeFile, range, wholeFileBestOf4];

/** Candidates that a way has side by side for one edit. Pure. */
export function candidatesOf({ row: { request } }: EditWay): number {
  return takesParameter(request.strategy, 'candidates') ? request.candidateCount : 1;
}

function requestOf({ kind, request }: EditCase): string {
  return kind === 'fix' ? `Fix this problem in the code:\n\n${request}` : request;
}

function attached({ language, path }: EditCase, text: string): Attachment {
  return { languageId: language, path, text: withLineEnds(text, '\n') };
}

function firstBlock(answer: string): string | null {
  return fencedBlocks(answer)[0] ?? null;
}

/** Code with the line ends of the file, and the last one where what it replaces has one: an editor gives it both. */
function placed(code: string, replaced: string, lineEnd: '\n' | '\r\n'): string {
  const bare = withLineEnds(code, '\n').replace(/\n+$/, '');
  // Nothing in place of lines leaves not even an empty one.
  if (bare === '') return '';
  return withLineEnds(replaced.endsWith('\n') ? `${bare}\n` : bare, lineEnd);
}
