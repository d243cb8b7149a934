import { CodedError } from '../../protocol/codedError.ts';
import type { EditDiagnostic, EditDocument, EditKind, EditParams, EditResult } from '../../protocol/edit.ts';
import type { StrategyId } from '../../protocol/strategyTable.ts';
import { fencedBlocks, firstBlock } from '../reasoning/answers/codeFence.ts';
import { writtenCode } from '../reasoning/answers/writtenCode.ts';
import { editBlock, isCutOff } from './editBlock.ts';
import { type EditPlace, editPlace } from './editPlace.ts';
import { continuePrompt, documentedForm, type EditPrompt, rangePrompt, requestText } from './editPrompt.ts';
import { documentedCode } from './documentedLines.ts';
import { fewTests } from './fewTests.ts';
import { lineEndOf, type LineRange, splitAtRange } from './lineRange.ts';
import { continuedCode, placedCode } from './placedCode.ts';
import { positionAt, rangeEdits, withEdits } from './rangeEdits.ts';
import { testsAlone, testsApart } from './writtenTests.ts';

/** An edit as the model is asked for it. */
export interface AskedEdit {
  readonly kind: EditKind;
  readonly document: EditDocument;
  readonly place: EditPlace;
  readonly prompt: EditPrompt;
  /** Names it in lists of traces. */
  readonly title: string;
  readonly strategy: StrategyId;
}

/** Strategies that write code at once: others think first, and a thought may have code of its own in it. */
const strategiesOfEdits: readonly StrategyId[] = ['direct', 'directBestOfN'];

type Wanted = Pick<
  EditParams,
  'kind' | 'instruction' | 'document' | 'range' | 'diagnostics' | 'attachments' | 'strategy'
>;

/** Puts an edit together. Throws `parameter.invalid` for what no model can be asked. Pure. */
export function askedEdit(wanted: Wanted): AskedEdit {
  const { kind, instruction, document, attachments, strategy = 'direct' } = wanted;
  if (kind === 'edit' && instruction.trim() === '') {
    throw new CodedError(
      'parameter.invalid',
      'An edit needs an instruction, and it is empty. Nothing was asked of the model.',
      'Say what is to be changed.',
    );
  }
  if (!strategiesOfEdits.includes(strategy)) {
    throw new CodedError(
      'parameter.invalid',
      `The strategy ${strategy} is not for edits: their code is written at once.`,
      `Leave the strategy out, or give one of ${strategiesOfEdits.join(', ')}.`,
    );
  }
  const place = editPlace(wanted);
  const { languageId, path, text } = document;
  const request = requestText(kind, { instruction, problems: problemTexts(wanted), languageId });
  const form = kind === 'document' ? { form: documentedForm } : {};
  const file = { languageId, path, text, request, others: attachments, ...form };
  const prompt =
    place.type === 'lines'
      ? rangePrompt({ ...file, range: place.range })
      : continuePrompt({ ...file, before: text.slice(0, place.offset), after: text.slice(place.offset) });
  return { kind, document, place, prompt, title: titleOf(wanted, place), strategy };
}

/** One is given as it is; of several each has the line that it is about. */
function problemTexts({ diagnostics, document }: Wanted): readonly string[] {
  const [only] = diagnostics;
  if (only !== undefined && diagnostics.length === 1) return [only.message];
  const lines = document.text.split('\n');
  const textOf = ({ message, range }: EditDiagnostic): string => {
    const line = lines[range.start.line]?.trim() ?? '';
    return line === '' ? message : `${message} (in the line \`${line}\`)`;
  };
  return diagnostics.map(textOf);
}

const verbs = {
  edit: 'Edit',
  fix: 'Fix',
  document: 'Document',
  tests: 'Write tests in',
  continue: 'Go on in',
};

function titleOf({ kind, document, instruction, diagnostics }: Wanted, place: EditPlace): string {
  const where =
    place.type === 'lines' && place.range.last >= place.range.first
      ? `, lines ${place.range.first} to ${place.range.last}`
      : '';
  const lines = (instruction.trim() || (diagnostics[0]?.message ?? '')).split('\n');
  // Reports of tests may begin with lines of dots and dashes.
  const words = lines.find((line) => /\p{L}\p{Ll}{2}/u.test(line)) ?? lines[0] ?? '';
  return `${verbs[kind]} ${document.path}${where}${words === '' ? '' : `: ${words}`}`;
}

/** What an answer changes in the document, or why nothing. Nothing outside of the place changes, whatever it says. Pure. */
export function editsOfAnswer(asked: AskedEdit, answer: string): Pick<EditResult, 'edits' | 'noEdit'> {
  const code = codeOfAnswer(asked, answer);
  if (code === null) return { edits: [], noEdit: isCutOff(answer) ? 'cutOff' : 'noCode' };
  return editsOfCode(asked, code);
}

/** What an answer was asked for. */
type CodeWanted = Pick<AskedEdit, 'strategy' | 'kind' | 'place'> & {
  readonly document: Pick<EditDocument, 'text'>;
};

/**
 * The code that an answer would put into the document: the block that it is about. Null without any, and where a block never
 * closed: a fence within the code may have closed another one too early. Of programs that race it is the block that was tested. Pure.
 */
export function codeOfAnswer(wanted: CodeWanted, answer: string): string | null {
  const { strategy, kind } = wanted;
  if (kind === 'tests') return testsOfAnswer(answer);
  // The race has tested the longest block, so that one is placed. What was tested has no blanks at its end.
  const tested = strategy === 'directBestOfN' ? writtenCode(answer) : null;
  if (tested !== null) return tested.text.trimEnd();
  if (isCutOff(answer)) return null;
  const written = editBlock(answer, replacedText(wanted));
  if (written !== null) return written.text;
  // A block with nothing in it takes lines away: only an instruction can mean that.
  return kind === 'edit' ? (fencedBlocks(answer)[0] ?? null) : null;
}

function replacedText({ document, place }: CodeWanted): string {
  return place.type === 'lines' ? splitAtRange(document.text, place.range).inside : '';
}

/** Tests are of use one by one, so a block that never closed has some. */
function testsOfAnswer(answer: string): string | null {
  const block = firstBlock(answer);
  const tests = block === null ? '' : fewTests(block.text, { isWhole: block.isClosed });
  return tests === '' ? null : tests;
}

/** The whole document with code of an answer in its place. Pure. */
export function documentWith(asked: AskedEdit, code: string): string {
  return withEdits(asked.document.text, editsOfCode(asked, code).edits);
}

function editsOfCode(
  { kind, document, place }: AskedEdit,
  code: string,
): Pick<EditResult, 'edits' | 'noEdit'> {
  if (place.type === 'lines') {
    const placed = placedFor(kind, code, { document, range: place.range });
    const edits = rangeEdits(document.text, place.range, placed);
    return { edits, noEdit: edits.length === 0 ? 'unchanged' : null };
  }
  const newText = continuedCode(code, document, place);
  if (newText === '') return { edits: [], noEdit: 'unchanged' };
  const position = positionAt(document.text, place.offset);
  return { edits: [{ range: { start: position, end: position }, newText }], noEdit: null };
}

function placedFor(
  kind: EditKind,
  code: string,
  { document, range }: { readonly document: EditDocument; readonly range: LineRange },
): string {
  if (kind === 'document') return documentedCode(placedCode(code, document, range), document, range);
  const { before, inside, after } = splitAtRange(document.text, range);
  if (kind !== 'tests' || inside !== '' || after !== '') return placedCode(code, document, range);
  const tests = placedCode(testsAlone(code, document), document, range);
  return testsApart(tests, before, { languageId: document.languageId, lineEnd: lineEndOf(document.text) });
}
