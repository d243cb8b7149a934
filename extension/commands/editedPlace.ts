import * as vscode from 'vscode';
import { CodedError } from '../../protocol/codedError.ts';
import type { DocumentRange } from '../../protocol/messages.ts';
import { isReadOnly } from '../ask/editorContext.ts';
import { linesOf } from '../edits/documentLines.ts';
import type { AskedVersion } from '../edits/editDesk.ts';
import {
  largestEditLines,
  lineCountOf,
  linesAtCursor,
  rangeOfLines,
  selectedLines,
} from '../edits/editRange.ts';
import { codeSymbolsOf, documentRangeOf, fileNameOf } from '../edits/editSource.ts';
import { tooManyLinesMessage } from '../edits/editWords.ts';

/** Whole lines that an edit may change, in the document as it was then. */
export interface EditedPlace extends AskedVersion {
  readonly range: DocumentRange;
}

/** The lines that an edit may change. Rejects where the document is read-only, and where they are too many for a model. */
export async function editedPlace(editor: vscode.TextEditor, selection: vscode.Range): Promise<EditedPlace> {
  const { document } = editor;
  requireWritable(document);
  const { version } = document;
  const lines = linesOf(document.getText());
  const span = selection.isEmpty
    ? linesAtCursor(lines, selection.start.line, await codeSymbolsOf(document))
    : selectedLines(documentRangeOf(selection));
  if (lineCountOf(span) > largestEditLines) {
    throw new CodedError(
      'parameter.invalid',
      tooManyLinesMessage(lineCountOf(span)),
      'Select the function that the change is in.',
    );
  }
  return { editor, version, range: rangeOfLines(span, lines) };
}

/** Throws `parameter.invalid` for a document that cannot be written to. */
export function requireWritable(document: vscode.TextDocument): void {
  if (!isReadOnly(document)) return;
  throw new CodedError(
    'parameter.invalid',
    `${fileNameOf(document)} is read-only.`,
    'Edit a file that can be written to.',
  );
}

/** What a box that is open may change: the place that it was opened for, and once the document has changed, where the selection is. */
export class FollowedPlace implements Disposable {
  readonly #moved = new vscode.EventEmitter<void>();
  readonly #subscriptions: readonly vscode.Disposable[];
  readonly #opened: EditedPlace;
  #place: EditedPlace;

  constructor(opened: EditedPlace) {
    this.#opened = opened;
    this.#place = opened;
    const { editor } = opened;
    this.#subscriptions = [
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (document === editor.document) void this.#look();
      }),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        if (textEditor === editor) void this.#look();
      }),
    ];
  }

  get place(): EditedPlace {
    return this.#place;
  }

  get onMoved(): vscode.Event<void> {
    return this.#moved.event;
  }

  async #look(): Promise<void> {
    const { editor, version } = this.#opened;
    if (editor.document.version === version) return;
    try {
      const place = await editedPlace(editor, editor.selection);
      // Where it has changed again, another look follows.
      if (place.version !== editor.document.version) return;
      this.#place = place;
      this.#moved.fire();
    } catch {
      // What is wrong with the place is said when the words are sent.
    }
  }

  [Symbol.dispose](): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#moved.dispose();
  }
}
