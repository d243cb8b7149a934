import * as vscode from 'vscode';
import type { ContextOffer, OfferReason } from '../../protocol/messages.ts';
import { currentSettings, onSettingsChanged } from '../config/configuration.ts';
import type { SidecarSupervisor } from '../engine/sidecarSupervisor.ts';
import { ImportedDeclarations } from './importedDeclarations.ts';
import { type LineSpan, linesAround, visibleSpan } from './linesAround.ts';
import { hasOfferedScheme, isOffered } from './offerGate.ts';

/** How long a place is looked at, or left alone after a change, until it is offered. */
const quietMs = { visited: 1_000, edited: 3_000, opened: 2_000 };
/** Earlier cells of a notebook that are offered. */
const mostCells = 10;

/**
 * Offers the sidecar parts of what was visited, edited and saved, declarations of imported names, and earlier cells of a
 * notebook. Nothing is looked at while the user types: each event only sets a timer. Files that are excluded, and languages
 * without completions, are left out.
 */
export class ContextOffers implements vscode.Disposable {
  readonly #supervisor: SidecarSupervisor;
  readonly #declarations: ImportedDeclarations;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #listeners: readonly vscode.Disposable[];
  /** Kept, since each key asks for it. */
  #isOn = isSwitchedOn();

  constructor(supervisor: SidecarSupervisor) {
    this.#supervisor = supervisor;
    this.#declarations = new ImportedDeclarations((offer) => {
      this.#send(offer);
    });
    this.#listeners = [
      onSettingsChanged(() => {
        this.#isOn = isSwitchedOn();
      }),
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (editor !== undefined) this.#opened(editor);
      }),
      vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => {
        this.#visited(textEditor);
      }),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        this.#visited(textEditor);
      }),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        this.#declarations.stop();
        const line = contentChanges[0]?.range.start.line;
        if (line === undefined) return;
        this.#after('edited', document, () => {
          this.#offer(document, linesAround(line, document.lineCount), 'edited');
        });
      }),
      vscode.workspace.onDidSaveTextDocument((document) => {
        const line = editorOf(document)?.selection.active.line ?? 0;
        this.#offer(document, linesAround(line, document.lineCount), 'saved');
      }),
    ];
  }

  dispose(): void {
    for (const listener of this.#listeners) listener.dispose();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#declarations.stop();
  }

  #opened(editor: vscode.TextEditor): void {
    const { document } = editor;
    this.#visited(editor);
    this.#after('opened', document, () => {
      if (!isOffered(document.uri, document.languageId)) return;
      this.#offerCells(document);
      void this.#declarations.offer(document);
    });
  }

  #visited(editor: vscode.TextEditor): void {
    const { document } = editor;
    this.#after('visited', document, () => {
      const visible = editor.visibleRanges[0];
      if (visible === undefined) return;
      const seen = { first: visible.start.line, last: visible.end.line };
      this.#offer(document, visibleSpan(seen, editor.selection.active.line, document.lineCount), 'visited');
    });
  }

  /** Runs once it has been quiet; the same again begins to wait anew. */
  #after(what: keyof typeof quietMs, document: vscode.TextDocument, run: () => void): void {
    if (!this.#isOn || !hasOfferedScheme(document.uri)) return;
    const key = `${what} ${document.uri.toString()}`;
    clearTimeout(this.#timers.get(key));
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      if (!document.isClosed) run();
    }, quietMs[what]);
    this.#timers.set(key, timer);
  }

  #offerCells(document: vscode.TextDocument): void {
    const uri = document.uri.toString();
    for (const notebook of vscode.workspace.notebookDocuments) {
      const cells = notebook.getCells();
      const own = cells.findIndex((cell) => cell.document.uri.toString() === uri);
      for (const cell of cells.slice(Math.max(0, own - mostCells), Math.max(0, own))) {
        if (cell.kind !== vscode.NotebookCellKind.Code) continue;
        this.#offer(cell.document, { first: 0, last: cell.document.lineCount - 1 }, 'cell');
      }
    }
  }

  #offer(document: vscode.TextDocument, { first, last }: LineSpan, reason: OfferReason): void {
    if (!this.#isOn || !isOffered(document.uri, document.languageId)) return;
    const range = new vscode.Range(first, 0, last, Number.MAX_SAFE_INTEGER);
    const { start, end } = document.validateRange(range);
    const text = document.getText(range);
    if (text.trim() === '') return;
    this.#send({
      uri: document.uri.toString(),
      version: document.version,
      range: { start: placeOf(start), end: placeOf(end) },
      text,
      reason,
      at: new Date().toISOString(),
    });
  }

  #send(offer: ContextOffer): void {
    // One that does not answer now is offered what comes next.
    void this.#supervisor.connection?.offerContext(offer);
  }
}

function isSwitchedOn(): boolean {
  const { sidecar, completions } = currentSettings();
  return sidecar.completionOtherFiles && completions.enabled;
}

function editorOf(document: vscode.TextDocument): vscode.TextEditor | undefined {
  return vscode.window.visibleTextEditors.find((editor) => editor.document === document);
}

function placeOf({ line, character }: vscode.Position): {
  readonly line: number;
  readonly character: number;
} {
  return { line, character };
}
