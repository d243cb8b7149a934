import * as vscode from 'vscode';
import type { ContextOffer } from '../../protocol/messages.ts';
import { importedNames } from './importedNames.ts';
import { partLines } from './linesAround.ts';
import { isOffered } from './offerGate.ts';

/** Bytes of a file that a declaration is read from, at most. */
const mostBytes = 1_000_000;

/**
 * Offers the declarations of what a document imports, as the editor's language features find them. Asked once for each document
 * and state of its imports, one name after another, and stopped by a key.
 */
export class ImportedDeclarations {
  readonly #send: (offer: ContextOffer) => void;
  /** The names that were asked about, by document. */
  readonly #asked = new Map<string, string>();
  #turn = 0;

  constructor(send: (offer: ContextOffer) => void) {
    this.#send = send;
  }

  /** Ends after the name that is being asked about. */
  stop(): void {
    this.#turn += 1;
  }

  /** Never rejects: a language without definitions has none to offer. */
  async offer(document: vscode.TextDocument): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const uri = document.uri.toString();
    const names = importedNames(document.getText());
    const key = names.map(({ name }) => name).join(' ');
    if (this.#asked.get(uri) === key) return;
    for (const { line, character } of names) {
      if (turn !== this.#turn || document.isClosed) return;
      try {
        await this.#offerOne(document.uri, new vscode.Position(line, character));
      } catch {
        // The language's extension failed, or the file cannot be read; the next name may be found.
      }
    }
    this.#asked.set(uri, key);
  }

  async #offerOne(from: vscode.Uri, position: vscode.Position): Promise<void> {
    const found = await vscode.commands.executeCommand<readonly (vscode.Location | vscode.LocationLink)[]>(
      'vscode.executeDefinitionProvider',
      from,
      position,
    );
    const [first] = found;
    if (first === undefined) return;
    const [uri, range] =
      'targetUri' in first ? [first.targetUri, first.targetRange] : [first.uri, first.range];
    if (uri.toString() === from.toString() || !isOfWorkspace(uri) || !isOffered(uri, null)) return;
    // Read from disk: a document that is opened for it would be sent to every language server.
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > mostBytes) return;
    const lines = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)).split(/\r\n|\n|\r/);
    const start = range.start.line;
    // Some languages give only the place of the name.
    const end = Math.min(
      lines.length,
      Math.max(range.end.line + 1, isOneLine(range) ? start + partLines : 0),
    );
    const character = lines[end - 1]?.length ?? 0;
    this.#send({
      uri: uri.toString(),
      version: 0,
      range: { start: { line: start, character: 0 }, end: { line: end - 1, character } },
      text: lines.slice(start, end).join('\n'),
      reason: 'declaration',
      at: new Date().toISOString(),
    });
  }
}

function isOneLine({ start, end }: vscode.Range): boolean {
  return start.line === end.line;
}

/** Whether a file is the workspace's own: not of a package that was installed into it. */
function isOfWorkspace(uri: vscode.Uri): boolean {
  return (
    vscode.workspace.getWorkspaceFolder(uri) !== undefined &&
    !/\/(?:node_modules|site-packages|\.venv)\//.test(uri.path)
  );
}
