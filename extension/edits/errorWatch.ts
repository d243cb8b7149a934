import * as vscode from 'vscode';
import { type KnownError, newErrors } from './newErrors.ts';

/** What finds errors is given so long after an edit. */
const longestWatchMs = 15_000;
/** Errors are reported in several parts, as of syntax and of types: those that come this soon after each other are one report. */
const settleMs = 500;

/** An error of a document as it is now. */
export interface FoundError extends KnownError {
  readonly range: vscode.Range;
}

/** A document that is watched, and ends being so. */
interface Watch {
  readonly document: vscode.TextDocument;
  readonly known: readonly KnownError[];
  end(): void;
}

/** Waits for errors that the editor finds in a document after an edit. Asks nobody to look for them. */
export class ErrorWatch implements vscode.Disposable {
  readonly #watches = new Set<Watch>();

  /**
   * The errors that a document is known to have. After an edit that is still watched, those of before it: what the editor
   * reports then may be of either version.
   */
  knownIn(document: vscode.TextDocument): readonly KnownError[] {
    const watch = [...this.#watches].find((other) => other.document === document);
    return watch?.known ?? errorsIn(document);
  }

  /**
   * The errors of a document that are not among those, once the editor has reported some. Empty where it reports none in time, or
   * the document was changed or closed before.
   */
  firstNew(document: vscode.TextDocument, known: readonly KnownError[]): Promise<readonly FoundError[]> {
    return new Promise((resolve) => {
      let settling: NodeJS.Timeout | undefined;
      const found = (): readonly FoundError[] => newErrors(known, errorsIn(document));
      const end = (errors: readonly FoundError[]): void => {
        clearTimeout(settling);
        clearTimeout(limit);
        subscriptions.dispose();
        this.#watches.delete(watch);
        resolve(errors);
      };
      const look = (): void => {
        clearTimeout(settling);
        if (found().length === 0) return;
        settling = setTimeout(() => {
          const errors = found();
          if (errors.length > 0) end(errors);
        }, settleMs);
      };
      const stop = (): void => {
        end([]);
      };
      const limit = setTimeout(stop, longestWatchMs);
      const subscriptions = vscode.Disposable.from(
        vscode.languages.onDidChangeDiagnostics(({ uris }) => {
          if (uris.some((uri) => uri.toString() === document.uri.toString())) look();
        }),
        vscode.workspace.onDidChangeTextDocument((change) => {
          // That it was saved is a change, too, without any of its text.
          if (change.document === document && change.contentChanges.length > 0) stop();
        }),
        vscode.workspace.onDidCloseTextDocument((closed) => {
          if (closed === document && closed.isClosed) stop();
        }),
      );
      const watch: Watch = { document, known, end: stop };
      this.#watches.add(watch);
      look();
    });
  }

  dispose(): void {
    for (const watch of [...this.#watches]) watch.end();
  }
}

function errorsIn({ uri }: vscode.TextDocument): readonly FoundError[] {
  return vscode.languages
    .getDiagnostics(uri)
    .filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error)
    .map(({ message, source, range }) => ({
      message,
      source: source ?? null,
      line: range.start.line,
      range,
    }))
    .toSorted((a, b) => a.line - b.line);
}
