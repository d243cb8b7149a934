import * as vscode from 'vscode';
import { type CursorWindow, type Insertion, toLineFeeds, windowReach } from './cursorWindow.ts';

/** The text around a position of a document. Costs the window, whatever the size of the document. */
export function windowAt(document: vscode.TextDocument, position: vscode.Position): CursorWindow {
  const offset = document.offsetAt(position);
  const from = document.positionAt(Math.max(0, offset - windowReach.before));
  const to = document.positionAt(offset + windowReach.after);
  return {
    uri: document.uri.toString(),
    languageId: document.languageId,
    position: { line: position.line, character: position.character },
    before: toLineFeeds(document.getText(new vscode.Range(from, position))),
    after: toLineFeeds(document.getText(new vscode.Range(position, to))),
  };
}

/** The window at the only cursor of an editor; null where text is selected, or there are several cursors. */
export function windowOf({ document, selections }: vscode.TextEditor): CursorWindow | null {
  const [selection, ...others] = selections;
  return selection?.isEmpty === true && others.length === 0 ? windowAt(document, selection.active) : null;
}

/** An insertion as VS Code takes it, in the document's own line ends. */
export function itemAt(
  document: vscode.TextDocument,
  position: vscode.Position,
  { text, replacedLength }: Insertion,
): vscode.InlineCompletionItem {
  const range = new vscode.Range(position, position.translate(0, replacedLength));
  return new vscode.InlineCompletionItem(withLineEnds(text, document.eol), range);
}

export function withLineEnds(text: string, eol: vscode.EndOfLine): string {
  return eol === vscode.EndOfLine.CRLF ? text.replaceAll('\n', '\r\n') : text;
}
