import * as vscode from 'vscode';
import { type LineChange, type LineEnd, linesOf, textEditOf, withChanges } from './documentLines.ts';
import type { EditedLines } from './editRange.ts';
import { editorRangeOf, formattingOf, lineEndIn } from './editSource.ts';
import { inTime } from './inTime.ts';

/** A formatter that takes longer is done without: an edit that is accepted has to be there at once. */
const formatLimitMs = 2_000;

export interface WrittenEdit {
  /** The document with the edit, and with nothing that was typed meanwhile. */
  readonly text: string;
  /** Why the new lines are not formatted although a formatter was asked; null where none failed. */
  readonly formatFailure: 'failed' | 'late' | null;
}

/**
 * Writes changes of whole lines into the document of an editor, as one undo step that has the formatting of the new lines in it.
 * Null where the editor refused, as one that is read-only does: then nothing was written.
 */
export async function writeChanges(
  editor: vscode.TextEditor,
  changes: readonly LineChange[],
  { isFormatted }: { readonly isFormatted: boolean },
): Promise<WrittenEdit | null> {
  const { document } = editor;
  const lines = linesOf(document.getText());
  const lineEnd = lineEndIn(document);
  const wanted = withChanges(lines, changes).join(lineEnd);
  // A key that is pressed at once may have changed the text again by the time that the editor reports success.
  const seen = { wanted: false };
  const watching = vscode.workspace.onDidChangeTextDocument((change) => {
    if (change.document === document && document.getText() === wanted) seen.wanted = true;
  });
  const isDone = await replaceLines(editor, changes, { lines, lineEnd, isFormatted });
  watching.dispose();
  // An editor that is read-only reports success, too, and writes nothing.
  if (!isDone || (!seen.wanted && document.getText() !== wanted)) return null;
  if (!isFormatted) return { text: wanted, formatFailure: null };
  return { text: wanted, ...(await formatLines(editor, addedSpans(changes), wanted)) };
}

/** Whether the editor says that it replaced them; false, too, for one that is gone. */
async function replaceLines(
  editor: vscode.TextEditor,
  changes: readonly LineChange[],
  of: { readonly lines: readonly string[]; readonly lineEnd: LineEnd; readonly isFormatted: boolean },
): Promise<boolean> {
  try {
    return await editor.edit(
      (builder) => {
        for (const change of changes) {
          const { range, newText } = textEditOf(of.lines, change, of.lineEnd);
          builder.replace(editorRangeOf(range), newText);
        }
      },
      // What formats the new lines is of the same step.
      { undoStopBefore: true, undoStopAfter: !of.isFormatted },
    );
  } catch {
    return false;
  }
}

/** Formats lines in the undo step before. What the formatter would change elsewhere stays as it is. */
async function formatLines(
  editor: vscode.TextEditor,
  spans: readonly EditedLines[],
  written: string,
): Promise<Omit<WrittenEdit, 'text'> & Partial<WrittenEdit>> {
  const { document } = editor;
  const { version } = document;
  const wasTouched = document.getText() !== written;
  try {
    const found = await inTime(
      Promise.all(spans.map((span) => formatEditsIn(editor, span))),
      formatLimitMs,
      null,
    );
    if (found === null) return { formatFailure: 'late' };
    const edits = found.flat();
    if (edits.length === 0) return { formatFailure: null };
    // The user was faster.
    if (wasTouched || document.version !== version) return { formatFailure: 'late' };
    const isWritten = await editor.edit(
      (builder) => {
        for (const { range, newText } of edits) builder.replace(range, newText);
      },
      { undoStopBefore: false, undoStopAfter: true },
    );
    return isWritten ? { formatFailure: null, text: document.getText() } : { formatFailure: 'failed' };
  } catch {
    // The formatter threw, or the editor was closed meanwhile: the edit is there all the same.
    return { formatFailure: 'failed' };
  }
}

/** Of a formatter of lines, else of one of whole documents; VS Code cuts its edits down to what differs. */
async function formatEditsIn(
  editor: vscode.TextEditor,
  span: EditedLines,
): Promise<readonly vscode.TextEdit[]> {
  const { document, options } = editor;
  const last = document.lineAt(span.last).range.end;
  const range = new vscode.Range(new vscode.Position(span.first, 0), last);
  const edits =
    (await editsOf('vscode.executeFormatRangeProvider', document.uri, range, formattingOf(options))) ??
    (await editsOf('vscode.executeFormatDocumentProvider', document.uri, formattingOf(options)));
  return (edits ?? []).filter((edit) => range.contains(edit.range));
}

/** Null where no formatter has any. */
async function editsOf(
  command: string,
  ...given: readonly unknown[]
): Promise<readonly vscode.TextEdit[] | null> {
  const edits = await vscode.commands.executeCommand<readonly vscode.TextEdit[] | undefined>(
    command,
    ...given,
  );
  return edits === undefined || edits.length === 0 ? null : edits;
}

/** The lines that changes put into a document, as it has them afterwards. */
function addedSpans(changes: readonly LineChange[]): readonly EditedLines[] {
  let shift = 0;
  const spans: EditedLines[] = [];
  for (const { start, removed, added } of changes) {
    if (added.length > 0) spans.push({ first: start + shift, last: start + shift + added.length - 1 });
    shift += added.length - removed;
  }
  return spans;
}
