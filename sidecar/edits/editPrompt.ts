import type { Attachment } from '../../protocol/attachment.ts';
import { assertNever } from '../../protocol/assertNever.ts';
import type { EditKind } from '../../protocol/edit.ts';
import { fenced } from '../prompts/chatPrompt.ts';
import { mostTests } from './fewTests.ts';
import { type LineRange, linesWithEnds, splitAtRange, withLineEnds } from './lineRange.ts';

/** What a model is asked to edit with: a question, and the part of the file that it is about. Lines end with `\n` there. */
export interface EditPrompt {
  readonly question: string;
  readonly attachment: Attachment;
}

/** A file, and what is asked of it in words. */
interface EditedFilePart extends Omit<Attachment, 'diagnosticCount'> {
  /** What is to be done, as `requestText` says it. */
  readonly request: string;
  /** How to print it; that of its place when absent. */
  readonly form?: string;
  /** Other files to read. */
  readonly others: readonly Attachment[];
}

/** Lines shown before and after those that are to be replaced. */
const contextLines = 12;
/** Lines shown before a cursor that code goes on from. */
const continuedLines = 60;

/** Asks for lines in the place of a range, or between two lines where the range is empty. Pure. */
export function rangePrompt(file: EditedFilePart & { readonly range: LineRange }): EditPrompt {
  const { range, languageId, path, request, others, form } = file;
  const { before, inside, after } = splitAtRange(file.text, range);
  const above = linesWithEnds(before).slice(-contextLines);
  const around = [...above, inside, ...linesWithEnds(after).slice(0, contextLines)].join('');
  const isInsertion = inside === '';
  const usualForm = isInsertion ? insertedForm : replacedForm;
  const place = isInsertion ? placeOf(above, after, languageId) : linesToChange(file, inside);
  return {
    question: [...otherTexts(others, file), place, request, form ?? usualForm].join('\n\n'),
    attachment: { languageId, path, text: withLineEnds(around, '\n') },
  };
}

/** Asks what comes next at a cursor. Pure. */
export function continuePrompt(file: Omit<EditedFilePart, 'text'> & CursorSides): EditPrompt {
  const { languageId, path, request, others } = file;
  const whole = { path, text: file.before + file.after };
  const before = linesWithEnds(withLineEnds(file.before, '\n')).slice(-continuedLines).join('');
  const after = linesWithEnds(withLineEnds(file.after, '\n')).slice(0, contextLines).join('');
  const next =
    after.trim() === '' ? [] : [`After the new code these lines follow:\n\n${fenced(after, languageId)}`];
  return {
    question: [...otherTexts(others, whole), ...next, request, continuedForm].join('\n\n'),
    attachment: { languageId, path, text: before },
  };
}

/** A text cut at a cursor. */
interface CursorSides {
  readonly before: string;
  readonly after: string;
}

const replacedForm =
  'Print only the lines that take their place, with their indentation, in one code block and nothing else.';
const insertedForm = 'Print only the new lines, with their indentation, in one code block and nothing else.';
const continuedForm =
  'Print only the code that comes next, with its indentation, in one code block and nothing else.';

/** How documented lines are to be printed. */
export const documentedForm =
  'Print the same lines with the documentation in them, in one code block and nothing else.';

function linesToChange({ others, path, languageId }: EditedFilePart, inside: string): string {
  const whose = others.length === 0 ? 'These are its lines' : `These are the lines of ${path}`;
  return `${whose} to change:\n\n${fenced(withLineEnds(inside, '\n'), languageId)}`;
}

function placeOf(above: readonly string[], after: string, languageId: string): string {
  const last = above.findLast((line) => line.trim() !== '');
  if (last !== undefined)
    return `The new lines go after this line:\n\n${fenced(withLineEnds(last, '\n'), languageId)}`;
  return after === '' ? 'The file is empty so far.' : 'The new lines go before the first line.';
}

/**
 * Of the edited file itself a model is shown the lines around the range; all of it where it goes along, and a part of it for
 * what is written beside that, such as tests.
 */
function otherTexts(
  others: readonly Attachment[],
  edited: Pick<Attachment, 'path' | 'text'>,
): readonly string[] {
  const textOf = ({ text, languageId }: Attachment): string => fenced(withLineEnds(text, '\n'), languageId);
  const own = others.filter(({ path }) => path === edited.path);
  const files = others.filter(({ path }) => path !== edited.path);
  const saidOf = ({ path, text }: Attachment): string =>
    text === edited.text
      ? `This is the whole of ${path}, of which only a part may change:`
      : `This code is in ${path} already, and stays as it is:`;
  return [
    ...(files.length === 0 ? [] : ['These other files stay as they are:']),
    ...files.map((file) => `${file.path}:\n${textOf(file)}`),
    ...own.map((part) => `${saidOf(part)}\n\n${textOf(part)}`),
  ];
}

/** What is asked for, in the words that a model reads. `problems` are texts of diagnostics or failing tests. Pure. */
export function requestText(
  kind: EditKind,
  {
    instruction,
    problems,
    languageId = '',
  }: {
    readonly instruction: string;
    readonly problems: readonly string[];
    /** Names the form of the documentation. */
    readonly languageId?: string;
  },
): string {
  const said = instruction.trim() === '' ? [] : [instruction];
  switch (kind) {
    case 'edit':
      return [...said, ...knownProblems(problems)].join('\n\n');
    case 'fix':
      return problemsToFix(problems, said).join('\n\n');
    case 'document':
      return [`Add documentation to this code: ${documentationIn(languageId)} Change no code.`, ...said].join(
        '\n\n',
      );
    case 'tests':
      return [testsWanted(languageId), ...said].join('\n\n');
    case 'continue':
      return ['Go on with this code.', ...said].join('\n\n');
    default:
      return assertNever(kind);
  }
}

const scripts: ReadonlySet<string> = new Set(
  'javascript javascriptreact typescript typescriptreact'.split(' '),
);

/** Small models copy the code as it is unless the form of the comments is named. */
function documentationIn(languageId: string): string {
  const what = 'that says what it does, what it takes and what it returns.';
  if (languageId === 'python') return `a docstring in each function and class, ${what}`;
  if (scripts.has(languageId)) return `a JSDoc comment above each function and class, ${what}`;
  return `a comment above each function and type, ${what}`;
}

/** Small models write one test without end unless they are asked for few short ones, by their form. */
function testsWanted(languageId: string): string {
  const form =
    languageId === 'python'
      ? ' Each is a function `test_…` with `assert`.'
      : scripts.has(languageId)
        ? " Each is `test('…', () => { expect(…)… })`."
        : '';
  return `Write at most ${mostTests} short tests for this code: usual cases, limits and errors.${form}`;
}

function problemsToFix(problems: readonly string[], said: readonly string[]): readonly string[] {
  // Words alone are a problem, too, such as the message of a failing test: small models change nothing for a bare message.
  const [only, ...more] = problems.length === 0 ? said : problems;
  if (only === undefined) return ['Find what is wrong in the code, and fix it.'];
  if (more.length > 0) return [`Fix these problems in the code:\n\n${listed(problems)}`, ...said];
  return [`Fix this problem in the code:\n\n${only}`, ...(problems.length === 0 ? [] : said)];
}

function knownProblems(problems: readonly string[]): readonly string[] {
  return problems.length === 0 ? [] : [`The code has these problems so far:\n\n${listed(problems)}`];
}

function listed(problems: readonly string[]): string {
  return problems.map((problem) => `- ${problem}`).join('\n');
}
