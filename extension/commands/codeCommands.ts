import * as vscode from 'vscode';
import { CodedError } from '../../protocol/codedError.ts';
import type { PanelToHost } from '../../protocol/panelMessages.ts';
import type { AskedQuestions } from '../ask/askedQuestions.ts';
import type { LastTextEditor } from '../ask/lastTextEditor.ts';
import type { AskedPlace, AskedSelections } from '../edits/askedSelections.ts';
import type { EditDesk } from '../edits/editDesk.ts';
import { editorRangeOf, formattingOf } from '../edits/editSource.ts';
import { codeAt } from './codeAt.ts';
import { shownEditor } from './shownEditor.ts';

/** Why code of an answer cannot be put anywhere. */
const placeless = {
  message: 'No file is open to put this code into.',
  remedy: 'Open one, put the cursor where the code belongs, and try again.',
};

/** Puts code of an answer on the clipboard. */
export async function copyCode(code: string): Promise<void> {
  await vscode.env.clipboard.writeText(code);
}

/** Puts code at the cursor of the editor that was used last, as one step to undo. What is selected there stays. */
export async function insertCode(lastEditor: LastTextEditor, code: string): Promise<void> {
  const editor = await shownEditor(lastEditor, placeless);
  const cursor = editor.selection.active;
  await replace(editor, new vscode.Range(cursor, cursor), code);
}

/** What code of an answer is applied with. */
export interface ApplyDependencies {
  readonly lastEditor: LastTextEditor;
  readonly edits: EditDesk;
  readonly asked: AskedQuestions;
  readonly selections: AskedSelections;
}

/**
 * Shows what code of an answer would change in the editor that was used last; the user accepts it or not. It takes the place of what
 * is selected there, else of the selection that the question was about, and is put at the cursor where that is of another file or
 * there was none. Rejects where the selection that the question was about cannot be found any more.
 */
export async function applyCode(
  { lastEditor, edits, asked, selections }: ApplyDependencies,
  { code, requestId }: Extract<PanelToHost, { readonly type: 'code/applied' }>,
): Promise<void> {
  const editor = await shownEditor(lastEditor, placeless);
  const { document, selection } = editor;
  const source = { uri: document.uri.toString(), text: document.getText() };
  const range = selection.isEmpty
    ? rangeAsked(editor, selections.placeIn(source, asked.attachmentsAlong(requestId)))
    : selection;
  await edits.propose(editor, range, textFor(editor, range, code));
}

function rangeAsked({ document, selection }: vscode.TextEditor, place: AskedPlace): vscode.Range {
  if (place.type === 'notAsked') return selection;
  if (place.type === 'found') return document.validateRange(editorRangeOf(place.range));
  const path = vscode.workspace.asRelativePath(document.uri);
  throw new CodedError(
    'document.changed',
    place.why === 'changed'
      ? `The code that you asked about is not in ${path} any more.`
      : `The code that you asked about is in ${path} several times.`,
    'Select what the code is to replace, and press it again.',
  );
}

async function replace(editor: vscode.TextEditor, range: vscode.Range, code: string): Promise<void> {
  const { document } = editor;
  const text = textFor(editor, range, code);
  const { version } = document;
  const isDone = await editor.edit((edit) => {
    edit.replace(range, text);
  });
  // A read-only editor reports success and writes nothing.
  if (isDone && document.version !== version) return;
  throw new CodedError(
    'document.unknown',
    `${vscode.workspace.asRelativePath(document.uri)} does not take the code: it is read-only, or was closed.`,
    'Copy the code, and put it where it can be changed.',
  );
}

/** Code as it goes in the place of a range: indented like the line that it begins in. */
function textFor({ document, options }: vscode.TextEditor, range: vscode.Range, code: string): string {
  const lineBefore = document.getText(new vscode.Range(range.start.with({ character: 0 }), range.start));
  const file = { text: document.getText(), formatting: formattingOf(options) };
  return codeAt(code, { file, lineBefore, replaced: document.getText(range) });
}
