import * as vscode from 'vscode';
import type { DocumentPosition } from '../../protocol/messages.ts';
import { type CompletionSite, hasWindow, placeOffer, type ReadDocument, windowAt } from './completionSite.ts';
import type { CursorWindow, Insertion } from './cursorWindow.ts';

/** Where the editor asks for completions. */
export function siteOf(position: vscode.Position, context: vscode.InlineCompletionContext): CompletionSite {
  const { selectedCompletionInfo: selected } = context;
  if (selected === undefined) return { position: toPosition(position), selected: null };
  const { range, text } = selected;
  return {
    position: toPosition(position),
    selected: { range: { start: toPosition(range.start), end: toPosition(range.end) }, text },
  };
}

/** The text around a site. Costs the window, whatever the size of the document. */
export function windowIn(document: vscode.TextDocument, site: CompletionSite): CursorWindow {
  return windowAt(readDocument(document), site);
}

/** The window at the only cursor of an editor; null where text is selected, or there are several cursors. */
export function windowOf({ document, selections }: vscode.TextEditor): CursorWindow | null {
  const [selection, ...others] = selections;
  if (selection?.isEmpty !== true || others.length > 0) return null;
  return windowIn(document, { position: toPosition(selection.active), selected: null });
}

/** Whether the first cursor of an editor is at a window, with the same text around it. */
export function isStillAt({ document, selection }: vscode.TextEditor, window: CursorWindow): boolean {
  return selection.isEmpty && hasWindow(readDocument(document), toPosition(selection.active), window);
}

/** What the lines of the cursors say after them, of the editor that a document is typed in; none where it is in no active one. */
export function restsAfterCursors(document: vscode.TextDocument): readonly string[] {
  const { activeTextEditor } = vscode.window;
  if (activeTextEditor?.document !== document) return [];
  return activeTextEditor.selections.map(({ active }) =>
    document.lineAt(active.line).text.slice(active.character),
  );
}

/**
 * An offer as VS Code takes it. VS Code leaves the cursor before what an accepted text has in common with the end of what it
 * replaces, so a text that replaces the rest of the line has a command that takes the only cursor there.
 */
export function itemAt(
  document: vscode.TextDocument,
  { site, isOnlyCursor }: { readonly site: CompletionSite; readonly isOnlyCursor: boolean },
  offer: Insertion,
): vscode.InlineCompletionItem {
  const { insertText, range, replacesToLineEnd } = placeOffer(offer, site, readDocument(document));
  const { start, end } = range;
  const item = new vscode.InlineCompletionItem(
    insertText,
    new vscode.Range(start.line, start.character, end.line, end.character),
  );
  if (replacesToLineEnd && isOnlyCursor) item.command = { command: 'cursorLineEnd', title: '' };
  return item;
}

export function lineEndOf({ eol }: vscode.TextDocument): '\n' | '\r\n' {
  return eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n';
}

function readDocument(document: vscode.TextDocument): ReadDocument {
  return {
    uri: document.uri.toString(),
    languageId: document.languageId,
    lineEnd: lineEndOf(document),
    offsetAt: ({ line, character }) => document.offsetAt(new vscode.Position(line, character)),
    textBetween: (from, to) =>
      document.getText(new vscode.Range(document.positionAt(Math.max(0, from)), document.positionAt(to))),
  };
}

function toPosition({ line, character }: vscode.Position): DocumentPosition {
  return { line, character };
}
