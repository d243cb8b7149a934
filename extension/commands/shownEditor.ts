import * as vscode from 'vscode';
import { CodedError } from '../../protocol/codedError.ts';
import type { LastTextEditor } from '../ask/lastTextEditor.ts';

/**
 * The editor that was used last, with the focus in it, so that what is done there can be seen and undone. Rejects with
 * `document.unknown` and the words given where there is none.
 */
export async function shownEditor(
  { editor }: LastTextEditor,
  { message, remedy }: { readonly message: string; readonly remedy: string },
): Promise<vscode.TextEditor> {
  if (editor === null) throw new CodedError('document.unknown', message, remedy);
  const { selection, viewColumn, document } = editor;
  return vscode.window.showTextDocument(document, {
    selection,
    ...(viewColumn !== undefined && { viewColumn }),
  });
}
