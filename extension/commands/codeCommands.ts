import * as vscode from 'vscode';
import type { Attachment } from '../../protocol/attachment.ts';
import { CodedError } from '../../protocol/codedError.ts';
import type { PanelToHost } from '../../protocol/panelMessages.ts';
import type { AskedQuestions } from '../ask/askedQuestions.ts';
import type { LastTextEditor } from '../ask/lastTextEditor.ts';
import type { EditDesk } from '../edits/editDesk.ts';
import { askedPlace } from './askedPlace.ts';
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

/**
 * Shows what code of an answer would change in the editor that was used last; the user accepts it or not. It takes the place of what
 * is selected there, else of the code that the question was about, and is put at the cursor where that is of another file. Rejects
 * where the code that the question was about cannot be found any more.
 */
export async function applyCode(
  {
    lastEditor,
    edits,
    asked,
  }: { readonly lastEditor: LastTextEditor; readonly edits: EditDesk; readonly asked: AskedQuestions },
  { code, requestId }: Extract<PanelToHost, { readonly type: 'code/applied' }>,
): Promise<void> {
  const editor = await shownEditor(lastEditor, placeless);
  const range = editor.selection.isEmpty
    ? rangeAsked(editor, asked.attachmentsOf(requestId))
    : editor.selection;
  await edits.propose(editor, range, textFor(editor, range, code));
}

function rangeAsked(
  { document, selection }: vscode.TextEditor,
  attachments: readonly Attachment[],
): vscode.Range {
  const path = vscode.workspace.asRelativePath(document.uri);
  const place = askedPlace({ path, text: document.getText() }, attachments);
  if (place.type === 'notAsked') return selection;
  if (place.type === 'found')
    return new vscode.Range(document.positionAt(place.start), document.positionAt(place.end));
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
function textFor({ document }: vscode.TextEditor, range: vscode.Range, code: string): string {
  const lineBefore = document.getText(new vscode.Range(range.start.with({ character: 0 }), range.start));
  return codeAt(code, { lineBefore, replaced: document.getText(range) });
}
