import * as vscode from 'vscode';
import { editScheme } from '../config/editScheme.ts';

/** Editors of these are not what a user writes in. */
const otherSchemes: ReadonlySet<string> = new Set(['output', 'vscode-scm', 'comment', 'debug', editScheme]);

/**
 * The text editor that was used last: while a panel has the focus, VS Code says that none is active. Null where there was
 * none, or its document was closed.
 */
export class LastTextEditor implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: vscode.Disposable;
  #editor: vscode.TextEditor | null = null;

  constructor() {
    this.#take(vscode.window.activeTextEditor);
    this.#subscriptions = vscode.Disposable.from(
      this.#changed,
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        this.#take(editor);
      }),
      vscode.workspace.onDidCloseTextDocument((document) => {
        if (document === this.#editor?.document) this.#changed.fire();
      }),
    );
  }

  /** Fires when another editor is the last one, and when its document was closed. */
  readonly onChanged = this.#changed.event;

  get editor(): vscode.TextEditor | null {
    return this.#editor === null || this.#editor.document.isClosed ? null : this.#editor;
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #take(editor: vscode.TextEditor | undefined): void {
    if (editor === undefined || otherSchemes.has(editor.document.uri.scheme)) return;
    if (editor === this.#editor) return;
    this.#editor = editor;
    this.#changed.fire();
  }
}
