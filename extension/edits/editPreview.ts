import * as vscode from 'vscode';
import { editScheme } from '../config/editScheme.ts';

/** A text that is being written is shown again so often. */
const refreshMs = 100;

/** One comparison: a document, and what it would be with an edit. */
export interface Comparison {
  readonly document: vscode.TextDocument;
  readonly uri: vscode.Uri;
  readonly title: string;
}

/**
 * Shows what a document would be beside the document, as a comparison of the editor's own. The document is only read. Closing
 * the comparison is the user's way to say no.
 */
export class EditPreview implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #texts = new Map<string, () => string>();
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #closed = new vscode.EventEmitter<vscode.Uri>();
  readonly #subscriptions: vscode.Disposable;
  #nextId = 1;

  constructor() {
    this.#subscriptions = vscode.Disposable.from(
      this.#changed,
      this.#closed,
      vscode.workspace.registerTextDocumentContentProvider(editScheme, this),
      vscode.window.tabGroups.onDidChangeTabs(({ closed }) => {
        for (const tab of closed) {
          const uri = shownIn(tab);
          // A tab that is moved is closed and opened.
          if (uri !== null && this.#texts.has(uri.toString()) && tabsOf(uri).length === 0)
            this.#closed.fire(uri);
        }
      }),
    );
  }

  readonly onDidChange = this.#changed.event;
  /** Fires when the user closed a comparison, not when `close` did. */
  readonly onClosed = this.#closed.event;

  /** An address for what a document would be, with the name that its language is known by. */
  uriFor({ uri }: vscode.TextDocument): vscode.Uri {
    const id = this.#nextId;
    this.#nextId += 1;
    const path = uri.path.startsWith('/') ? uri.path : `/${uri.path}`;
    return vscode.Uri.from({ scheme: editScheme, path, query: String(id) });
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.#texts.get(uri.toString())?.() ?? '';
  }

  /** Opens a comparison, or brings it to the front. `text` is read whenever it is drawn. `line` is shown. */
  async show(
    { document, uri, title }: Comparison,
    { text, line }: { readonly text: () => string; readonly line: number },
  ): Promise<void> {
    this.#texts.set(uri.toString(), text);
    const options: vscode.TextDocumentShowOptions = {
      preview: false,
      selection: new vscode.Range(line, 0, line, 0),
    };
    await vscode.commands.executeCommand('vscode.diff', document.uri, uri, title, options);
    const shown = vscode.workspace.textDocuments.find((other) => other.uri.toString() === uri.toString());
    // A name says the language of most files, not of new ones.
    if (shown !== undefined && shown.languageId !== document.languageId)
      await vscode.languages.setTextDocumentLanguage(shown, document.languageId);
  }

  /** Has the text drawn anew soon. */
  refresh(uri: vscode.Uri): void {
    const key = uri.toString();
    if (this.#waiting.has(key)) return;
    const timer = setTimeout(() => {
      this.#waiting.delete(key);
      this.#changed.fire(uri);
    }, refreshMs);
    this.#waiting.set(key, timer);
  }

  /** Closes a comparison and forgets its text. */
  async close(uri: vscode.Uri): Promise<void> {
    const key = uri.toString();
    this.#texts.delete(key);
    clearTimeout(this.#waiting.get(key));
    this.#waiting.delete(key);
    const open = tabsOf(uri);
    if (open.length > 0) await vscode.window.tabGroups.close(open);
  }

  dispose(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#subscriptions.dispose();
  }
}

function tabsOf(uri: vscode.Uri): readonly vscode.Tab[] {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.filter((tab) => shownIn(tab)?.toString() === uri.toString());
}

/** The address of what a tab compares a document with; null for other tabs. */
export function shownIn(tab: vscode.Tab | undefined): vscode.Uri | null {
  const input = tab?.input;
  return input instanceof vscode.TabInputTextDiff && input.modified.scheme === editScheme
    ? input.modified
    : null;
}
