import * as vscode from 'vscode';
import { CodedError } from '../../protocol/codedError.ts';
import type { EditDiagnostic, EditKind } from '../../protocol/edit.ts';
import type { PanelToHost } from '../../protocol/panelMessages.ts';
import { askWithContext } from '../ask/contextBox.ts';
import { linesInWords } from '../ask/contextChips.ts';
import type { EditorContext } from '../ask/editorContext.ts';
import type { LastTextEditor } from '../ask/lastTextEditor.ts';
import { ActionPlace } from '../edits/editActions.ts';
import type { EditRequest, AskedVersion, EditDesk } from '../edits/editDesk.ts';
import { selectedLines } from '../edits/editRange.ts';
import {
  diagnosticsAt,
  documentRangeOf,
  editDiagnosticOf,
  editorRangeOf,
  fileNameOf,
} from '../edits/editSource.ts';
import type { SidecarConnection } from '../engine/sidecarConnection.ts';
import type { TracePanel } from '../tracePanel/tracePanel.ts';
import { editedPlace, type EditedPlace, FollowedPlace, requireWritable } from './editedPlace.ts';
import { shownEditor } from './shownEditor.ts';

export interface EditDependencies {
  readonly edits: EditDesk;
  /** What was chosen in the panel or in a box goes along with every edit. */
  readonly context: EditorContext;
}

/** What an edit takes that is asked in the panel. */
export interface PanelEditDependencies extends EditDependencies {
  readonly lastEditor: LastTextEditor;
  readonly panel: TracePanel;
}

/** What a code action passes on, else nothing. */
type CommandArguments = readonly unknown[];

/** Asks what to change in the selection, else in the function at the cursor, and shows what that would be. */
export async function editSelection(
  connection: SidecarConnection,
  { edits, context }: EditDependencies,
  given: CommandArguments,
): Promise<void> {
  const place = await placeGiven(given);
  const words = {
    kind: 'edit',
    name: 'Edit Selection',
    placeholder: 'Return an empty list instead of null',
  } as const;
  const asked = await askForWords({ edits, context }, place, words);
  if (asked !== null) await edits.ask(connection, asked.place, { ...asked.words, kind: 'edit' });
}

/** Has the editor that was used last edited by the words of the panel's box, as `editSelection` does with its own. */
export async function editFromPanel(
  connection: SidecarConnection,
  { edits, context, lastEditor, panel }: PanelEditDependencies,
  { instruction }: Extract<PanelToHost, { readonly type: 'edit/asked' }>,
): Promise<void> {
  const editor = await shownEditor(lastEditor, fileless);
  const { place, words } = await withContext(
    context,
    await editedPlace(editor, editor.selection),
    instruction,
  );
  const onStarted = (): void => {
    place.onStarted?.();
    panel.acceptWords(instruction);
  };
  await edits.ask(connection, { ...place, onStarted }, { ...words, kind: 'edit' });
}

/** Has the problems fixed that the editor reports there; without one it asks what is wrong. */
export async function fixProblems(
  connection: SidecarConnection,
  { edits, context }: EditDependencies,
  given: CommandArguments,
): Promise<void> {
  const place = await placeGiven(given);
  const offered = actionOf(given)?.problems ?? [];
  const diagnostics = offered.length > 0 ? offered.map(editDiagnosticOf) : diagnosticsOf(place);
  const words = {
    kind: 'fix',
    name: 'Fix',
    placeholder: 'What is wrong? The message of a failing test does.',
  } as const;
  const asked =
    diagnostics.length > 0
      ? await withContext(context, place)
      : await askForWords({ edits, context }, place, words);
  if (asked === null) return;
  const problems = diagnostics.length > 0 ? { diagnostics } : {};
  await edits.ask(connection, asked.place, { ...asked.words, ...problems, kind: 'fix' });
}

/** Has code documented. */
export async function documentCode(
  connection: SidecarConnection,
  { edits, context }: EditDependencies,
  given: CommandArguments,
): Promise<void> {
  const { place, words } = await withContext(context, await placeGiven(given));
  await edits.ask(connection, place, { ...words, diagnostics: [], kind: 'document' });
}

/** Has tests written for code, at the end of its file: elsewhere they could be inside of a class. */
export async function writeTests(
  connection: SidecarConnection,
  { edits, context }: EditDependencies,
  given: CommandArguments,
): Promise<void> {
  const { place, words } = await withContext(context, await placeGiven(given));
  const { document } = place.editor;
  const end = document.lineAt(document.lineCount - 1).range.end;
  const code = {
    languageId: document.languageId,
    path: vscode.workspace.asRelativePath(document.uri, false),
    text: document.getText(editorRangeOf(words.range)),
  };
  await edits.ask(connection, place, {
    ...words,
    diagnostics: [],
    kind: 'tests',
    range: documentRangeOf(new vscode.Range(end, end)),
    attachments: [...words.attachments, code],
  });
}

/** Has the code go on at the cursor. */
export async function continueCode(
  connection: SidecarConnection,
  { edits, context }: EditDependencies,
): Promise<void> {
  const editor = activeEditor();
  requireWritable(editor.document);
  const { version } = editor.document;
  const cursor = documentRangeOf(new vscode.Range(editor.selection.end, editor.selection.end));
  const { place, words } = await withContext(context, { editor, version, range: cursor });
  await edits.ask(connection, place, { ...words, diagnostics: [], kind: 'continue' });
}

/** What a code action passes on; null for a command that was given in another way. */
function actionOf([given]: CommandArguments): ActionPlace | null {
  return given instanceof ActionPlace ? given : null;
}

/** The lines that an edit may change: those that a code action is about, else those of the selection. */
async function placeGiven(given: CommandArguments): Promise<EditedPlace> {
  const action = actionOf(given);
  if (action === null) {
    const editor = activeEditor();
    return editedPlace(editor, editor.selection);
  }
  const { uri, range } = action;
  const { activeTextEditor, visibleTextEditors } = vscode.window;
  const editor = [activeTextEditor, ...visibleTextEditors].find(
    (one) => one?.document.uri.toString() === uri,
  );
  if (editor === undefined) throw new CodedError('document.unknown', fileless.message, fileless.remedy);
  // A problem that the mouse is on has a few characters: what is wrong may be anywhere in the function.
  const isSelected = editor.selection.isEqual(range) || !range.isSingleLine;
  return editedPlace(editor, isSelected ? range : new vscode.Range(range.start, range.start));
}

const fileless = { message: 'No file is open.', remedy: 'Open the file that is to be edited.' };

function activeEditor(): vscode.TextEditor {
  const editor = vscode.window.activeTextEditor;
  if (editor !== undefined) return editor;
  throw new CodedError('document.unknown', fileless.message, fileless.remedy);
}

/** What an edit is asked by, and the place that it may change, as the document is then. */
interface PlacedWords {
  readonly place: AskedVersion;
  readonly words: Omit<EditRequest, 'kind'>;
}

/**
 * The user's words, with what goes along with them by the chips of the box. A document that changed while the box was open is edited
 * where its selection is by then. Null where the user closed the box.
 */
async function askForWords(
  { edits, context }: EditDependencies,
  place: EditedPlace,
  {
    kind,
    name,
    placeholder,
  }: { readonly kind: EditKind; readonly name: string; readonly placeholder: string },
): Promise<PlacedWords | null> {
  const { editor } = place;
  const { document } = editor;
  const words = {
    title: `Entropane: ${name}`,
    placeholder: `${placeholder} (#path adds a file)`,
    value: edits.unreadInstruction(kind),
  };
  using followed = new FollowedPlace(place);
  const asked = await askWithContext(context, words, {
    send: () => {
      const { first, last } = selectedLines(followed.place.range);
      const lines = linesInWords({ first: first + 1, last: last + 1 });
      return {
        label: `$(edit) ${name}`,
        description: `Enter. May change ${lines} of ${fileNameOf(document)}.`,
      };
    },
    onSendChanged: followed.onMoved,
    chips: () => context.chipsOfEdit(document, diagnosticsOf(followed.place).length),
    attach: async (instruction) => {
      const now = document.version === place.version ? place : await editedPlace(editor, editor.selection);
      return withContext(context, now, instruction);
    },
  });
  return asked ?? null;
}

/** An instruction with what the chips say goes along, once. Rejects where a file cannot. */
async function withContext(
  context: EditorContext,
  place: EditedPlace,
  instruction = '',
): Promise<PlacedWords> {
  const diagnostics = diagnosticsOf(place);
  const given = { instruction, problemCount: diagnostics.length };
  const { attachments, hasProblems, onStarted } = await context.givenToEdit(place.editor.document, given);
  return {
    place: { editor: place.editor, version: place.version, onStarted },
    words: { range: place.range, instruction, attachments, diagnostics: hasProblems ? diagnostics : [] },
  };
}

function diagnosticsOf({ editor, range }: EditedPlace): readonly EditDiagnostic[] {
  return diagnosticsAt(editor.document.uri, range);
}
