import * as vscode from 'vscode';
import { CodedError } from '../../protocol/codedError.ts';
import type { PanelToHost } from '../../protocol/panelMessages.ts';
import type { LastTextEditor } from '../ask/lastTextEditor.ts';
import type { EditDesk } from '../edits/editDesk.ts';
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
 * Shows what code in the place of what is selected in the editor that was used last, or at its cursor, would change there; the user
 * accepts it or not.
 */
export async function applyCode(
  { lastEditor, edits }: { readonly lastEditor: LastTextEditor; readonly edits: EditDesk },
  { code }: Pick<Extract<PanelToHost, { readonly type: 'code/applied' }>, 'code'>,
): Promise<void> {
  const editor = await shownEditor(lastEditor, placeless);
  await edits.propose(editor, editor.selection, textFor(editor, editor.selection, code));
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
