import * as vscode from 'vscode';
import { CodedError } from '../../protocol/codedError.ts';
import type { EditDiagnostic } from '../../protocol/edit.ts';
import type { DocumentRange } from '../../protocol/messages.ts';
import { askWithContext } from '../ask/contextBox.ts';
import type { EditorContext } from '../ask/editorContext.ts';
import { editScheme } from '../config/editScheme.ts';
import { linesOf } from '../edits/documentLines.ts';
import type { AskedEdit, AskedVersion, EditDesk } from '../edits/editDesk.ts';
import {
  largestEditLines,
  lineCountOf,
  linesAtCursor,
  rangeOfLines,
  selectedLines,
} from '../edits/editRange.ts';
import {
  codeSymbolsOf,
  diagnosticsAt,
  documentRangeOf,
  editorRangeOf,
  fileNameOf,
} from '../edits/editSource.ts';
import { tooManyLinesMessage } from '../edits/editWords.ts';
import type { SidecarConnection } from '../engine/sidecarConnection.ts';

export interface EditDependencies {
  readonly edits: EditDesk;
  readonly context: EditorContext;
}

/** An edit that goes without words, problems and other code. */
const bare = { instruction: '', diagnostics: [], attachments: [] } as const;

/** What a code action passes on, else nothing. */
type CommandArguments = readonly unknown[];

/** Asks what to change in the selection, else in the function at the cursor, and shows what that would be. */
export async function editSelection(
  connection: SidecarConnection,
  { edits, context }: EditDependencies,
  given: CommandArguments,
): Promise<void> {
  const place = await editedPlace(given);
  const words = { name: 'Edit Selection', placeholder: 'Return an empty list instead of null' };
  const asked = await askForWords(context, place, words);
  if (asked !== null) await edits.ask(connection, place, { ...asked, kind: 'edit', range: place.range });
}

/** Has the problems fixed that the editor reports there; without one it asks what is wrong. */
export async function fixProblems(
  connection: SidecarConnection,
  { edits, context }: EditDependencies,
  given: CommandArguments,
): Promise<void> {
  const place = await editedPlace(given);
  const diagnostics = diagnosticsAt(place.editor.document.uri, place.range);
  const words = { name: 'Fix', placeholder: 'What is wrong? The message of a failing test does.' };
  const asked = diagnostics.length > 0 ? { ...bare, diagnostics } : await askForWords(context, place, words);
  if (asked !== null) await edits.ask(connection, place, { ...asked, kind: 'fix', range: place.range });
}

/** Has code documented. */
export async function documentCode(
  connection: SidecarConnection,
  { edits }: EditDependencies,
  given: CommandArguments,
): Promise<void> {
  const place = await editedPlace(given);
  await edits.ask(connection, place, { ...bare, kind: 'document', range: place.range });
}

/** Has tests written for code, at the end of its file: elsewhere they could be inside of a class. */
export async function writeTests(
  connection: SidecarConnection,
  { edits }: EditDependencies,
  given: CommandArguments,
): Promise<void> {
  const place = await editedPlace(given);
  const { document } = place.editor;
  const end = document.lineAt(document.lineCount - 1).range.end;
  const code = {
    languageId: document.languageId,
    path: vscode.workspace.asRelativePath(document.uri, false),
    text: document.getText(editorRangeOf(place.range)),
  };
  await edits.ask(connection, place, {
    ...bare,
    kind: 'tests',
    range: documentRangeOf(new vscode.Range(end, end)),
    attachments: [code],
  });
}

/** Has the code go on at the cursor. */
export async function continueCode(
  connection: SidecarConnection,
  { edits }: EditDependencies,
): Promise<void> {
  const editor = writableEditor();
  const { version } = editor.document;
  const cursor = documentRangeOf(new vscode.Range(editor.selection.end, editor.selection.end));
  await edits.ask(connection, { editor, version }, { ...bare, kind: 'continue', range: cursor });
}

interface EditedPlace extends AskedVersion {
  readonly range: DocumentRange;
}

/** The lines that an edit may change. Rejects where they are too many for a model. */
async function editedPlace([, givenRange]: CommandArguments): Promise<EditedPlace> {
  const editor = writableEditor();
  const { document } = editor;
  const { version } = document;
  const selection = givenRange instanceof vscode.Range ? givenRange : editor.selection;
  const lines = linesOf(document.getText());
  const span = selection.isEmpty
    ? linesAtCursor(lines, selection.start.line, await codeSymbolsOf(document))
    : selectedLines(documentRangeOf(selection));
  if (lineCountOf(span) > largestEditLines) {
    throw new CodedError(
      'parameter.invalid',
      tooManyLinesMessage(lineCountOf(span)),
      'Select the function that the change is in.',
    );
  }
  return { editor, version, range: rangeOfLines(span, lines) };
}

function writableEditor(): vscode.TextEditor {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    throw new CodedError('document.unknown', 'No file is open.', 'Open the file that is to be edited.');
  }
  const { scheme } = editor.document.uri;
  if (scheme === editScheme || vscode.workspace.fs.isWritableFileSystem(scheme) === false) {
    throw new CodedError(
      'parameter.invalid',
      `${fileNameOf(editor.document)} is read-only.`,
      'Edit a file that can be written to.',
    );
  }
  return editor;
}

/** The user's words, with what goes along with them by the chips of the box. Null where the user closed it. */
async function askForWords(
  context: EditorContext,
  { editor: { document }, range }: EditedPlace,
  { name, placeholder }: { readonly name: string; readonly placeholder: string },
): Promise<Pick<AskedEdit, 'instruction' | 'diagnostics' | 'attachments'> | null> {
  const reported = (): readonly EditDiagnostic[] => diagnosticsAt(document.uri, range);
  const { first, last } = selectedLines(range);
  const lines = first === last ? `line ${first + 1}` : `lines ${first + 1} to ${last + 1}`;
  const words = {
    title: `Entropane: ${name}`,
    placeholder: `${placeholder} (#path adds a file)`,
    send: { label: `$(edit) ${name}`, description: `Enter. May change ${lines} of ${fileNameOf(document)}.` },
  };
  const asked = await askWithContext(context, words, {
    chips: () => context.chipsOfEdit(document, reported().length),
    attach: async (instruction) => {
      const diagnostics = reported();
      const problemCount = diagnostics.length;
      const { attachments, hasProblems } = await context.givenToEdit(document, { instruction, problemCount });
      return { instruction, attachments, diagnostics: hasProblems ? diagnostics : [] };
    },
  });
  return asked ?? null;
}
