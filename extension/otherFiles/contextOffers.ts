import * as vscode from 'vscode';
import type { ContextOffer, OfferReason } from '../../protocol/messages.ts';
import { isOfferedScheme } from '../../protocol/offeredPart.ts';
import { currentSettings, onSettingsChanged } from '../config/configuration.ts';
import { servedDocuments } from '../config/servedDocuments.ts';
import type { SidecarConnection } from '../engine/sidecarConnection.ts';
import type { SidecarSupervisor } from '../engine/sidecarSupervisor.ts';
import { ImportedDeclarations } from './importedDeclarations.ts';
import { copiedSpan, type LineSpan, linesAround, visibleSpan } from './linesAround.ts';
import { offeredText } from './offeredText.ts';
import { isOffered } from './offerGate.ts';
import { OfferPlan } from './offerPlan.ts';

/** Earlier cells of a notebook that are offered. */
const mostCells = 10;

/**
 * Offers the sidecar parts of what was visited, edited, copied and saved, declarations of imported names, and earlier cells of a
 * notebook. Files that are excluded, and languages without completions, are left out. What is in sight is offered again to a
 * sidecar that starts anew.
 */
export class ContextOffers implements vscode.Disposable {
  readonly #supervisor: SidecarSupervisor;
  readonly #declarations: ImportedDeclarations;
  readonly #plan: OfferPlan<vscode.TextDocument>;
  readonly #listeners: vscode.Disposable;
  #connection: SidecarConnection | null;
  /** Kept, since each key asks for it. */
  #isOn = isSwitchedOn();
  /** Hears of copies while parts are offered. */
  #copies: vscode.Disposable | null = null;

  constructor(supervisor: SidecarSupervisor) {
    this.#supervisor = supervisor;
    this.#connection = supervisor.connection;
    this.#declarations = new ImportedDeclarations({
      isConnected: () => supervisor.connection !== null,
      send: (offer) => this.#send(offer),
    });
    this.#plan = this.#planned();
    this.#listeners = this.#listen();
    this.#switched();
  }

  dispose(): void {
    this.#listeners.dispose();
    this.#copies?.dispose();
    this.#plan.dispose();
    this.#declarations.forget();
  }

  #planned(): OfferPlan<vscode.TextDocument> {
    return new OfferPlan({
      after: (delayMs, run) => {
        const timer = setTimeout(run, delayMs);
        return () => {
          clearTimeout(timer);
        };
      },
      isWanted: ({ uri }) => this.#isOn && isOfferedScheme(uri.scheme),
      offerSeen: (document) => {
        this.#offerSeen(document);
      },
      offerEdited: (document, line) => {
        this.#offer(document, linesAround(line, document.lineCount), 'edited');
      },
      offerCells: (document) => {
        if (isOffered(document.uri, document.languageId)) this.#offerCells(document);
      },
      lookUpImports: (document) => {
        if (isOffered(document.uri, document.languageId)) void this.#declarations.offer(document);
      },
      stopLookUp: (document) => {
        this.#declarations.stop(document);
      },
    });
  }

  #listen(): vscode.Disposable {
    return vscode.Disposable.from(
      onSettingsChanged(() => {
        const wasOn = this.#isOn;
        this.#isOn = isSwitchedOn();
        if (this.#isOn !== wasOn) this.#switched();
      }),
      this.#supervisor.onStateChanged(() => {
        const { connection } = this.#supervisor;
        if (connection === this.#connection) return;
        this.#connection = connection;
        // What another sidecar was offered is gone with it.
        this.#declarations.forget();
        if (connection !== null) this.#openVisible();
      }),
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        if (editor !== undefined) this.#plan.opened(editor.document);
      }),
      vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => {
        this.#plan.visited(textEditor.document);
      }),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        this.#plan.visited(textEditor.document);
      }),
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        const line = contentChanges[0]?.range.start.line;
        if (line === undefined) return;
        const isActive = document === vscode.window.activeTextEditor?.document;
        this.#plan.edited(document, { line, isActive });
      }),
      vscode.workspace.onDidSaveTextDocument((document) => {
        const line = editorOf(document)?.selection.active.line ?? 0;
        this.#offer(document, linesAround(line, document.lineCount), 'saved');
      }),
    );
  }

  #switched(): void {
    this.#copies?.dispose();
    this.#copies = this.#isOn ? this.#listenToCopies() : null;
    if (this.#isOn) this.#openVisible();
  }

  /** VS Code says which lines were copied, and hands over the clipboard as well, which is not looked at. */
  #listenToCopies(): vscode.Disposable {
    return vscode.languages.registerDocumentPasteEditProvider(
      servedDocuments,
      {
        prepareDocumentPaste: (document, [range]) => {
          if (range === undefined) return;
          const copied = { first: range.start.line, last: range.end.line };
          this.#offer(document, copiedSpan(copied, document.lineCount), 'copied');
        },
      },
      { providedPasteEditKinds: [], copyMimeTypes: [] },
    );
  }

  /** What is open already, of which no event comes. */
  #openVisible(): void {
    const { activeTextEditor, visibleTextEditors } = vscode.window;
    for (const { document } of visibleTextEditors) this.#plan.visited(document);
    if (activeTextEditor !== undefined) this.#plan.opened(activeTextEditor.document);
  }

  #offerSeen(document: vscode.TextDocument): void {
    const editor = editorOf(document);
    const visible = editor?.visibleRanges[0];
    if (editor === undefined || visible === undefined) return;
    const seen = { first: visible.start.line, last: visible.end.line };
    this.#offer(document, visibleSpan(seen, editor.selection.active.line, document.lineCount), 'visited');
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

  #offer(document: vscode.TextDocument, span: LineSpan, reason: OfferReason): void {
    if (!this.#isOn || !isOffered(document.uri, document.languageId)) return;
    // Lines may have gone since the span was seen.
    const last = Math.min(span.last, document.lineCount - 1);
    const { text, range } = offeredText((line) => document.lineAt(line).text, { first: span.first, last });
    if (text.trim() === '') return;
    this.#send({
      uri: document.uri.toString(),
      version: document.version,
      range,
      text,
      reason,
      at: new Date().toISOString(),
    });
  }

  /** False where no sidecar answers now: one that starts later is offered what is in sight then. */
  #send(offer: ContextOffer): boolean {
    const { connection } = this.#supervisor;
    if (connection === null) return false;
    void connection.offerContext(offer);
    return true;
  }
}

function isSwitchedOn(): boolean {
  const { sidecar, completions } = currentSettings();
  return sidecar.completionOtherFiles && completions.enabled;
}

/** The editor of a document that is looked at, mostly the active one. */
function editorOf(document: vscode.TextDocument): vscode.TextEditor | undefined {
  const { activeTextEditor, visibleTextEditors } = vscode.window;
  if (activeTextEditor?.document === document) return activeTextEditor;
  return visibleTextEditors.find((editor) => editor.document === document);
}
