import * as vscode from 'vscode';
import { linesOf } from './documentLines.ts';
import { fileNameOf } from './editSource.ts';
import { writeChanges } from './editWriter.ts';
import { lineDiff } from './lineDiff.ts';

/** An edit that was accepted: the document's lines before, and its whole text after it. */
export interface AppliedEdit {
  readonly document: vscode.TextDocument;
  readonly before: readonly string[];
  readonly afterText: string;
}

/** Takes accepted edits back, each of them alone and only while nothing was written after it. */
export class AppliedEdits {
  #last: AppliedEdit | null = null;

  get last(): AppliedEdit | null {
    return this.#last;
  }

  /** Takes up an edit that was just written. */
  add(edit: AppliedEdit): AppliedEdit {
    this.#last = edit;
    return edit;
  }

  /** Puts back the lines of before, as one undo step; or says in one message why not. */
  async takeBack(edit: AppliedEdit): Promise<void> {
    const { document, before, afterText } = edit;
    const fileName = fileNameOf(document);
    if (document.isClosed || document.getText() !== afterText) {
      void vscode.window.showWarningMessage(
        `${fileName} was ${document.isClosed ? 'closed' : 'changed'} after the edit, so the edit cannot be taken back alone. Use Undo in the editor.`,
      );
      return;
    }
    const editor = await vscode.window.showTextDocument(document, { preview: false });
    const changes = lineDiff(linesOf(afterText), before);
    const written = await writeChanges(editor, changes, { isFormatted: false });
    if (written === null) {
      void vscode.window.showWarningMessage(`${fileName} cannot be written to. The edit is still in it.`);
      return;
    }
    if (this.#last === edit) this.#last = null;
  }
}
