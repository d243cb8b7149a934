import * as vscode from 'vscode';
import type { ContextOffer } from '../../protocol/messages.ts';
import { type ImportedName, importLines } from './importedNames.ts';
import { type FoundDeclaration, ImportLookUps } from './importLookUps.ts';
import { declaredLines } from './linesAround.ts';
import { offeredText } from './offeredText.ts';
import { isOffered } from './offerGate.ts';

/** Bytes of a file that a declaration is read from, at most. */
const mostBytes = 1_000_000;

/**
 * Offers the declarations of what a document imports, as the editor's language features find them. `send` says whether anybody
 * took one.
 */
export class ImportedDeclarations {
  readonly #lookUps: ImportLookUps<vscode.TextDocument>;

  constructor(parts: {
    readonly isConnected: () => boolean;
    readonly send: (offer: ContextOffer) => boolean;
  }) {
    this.#lookUps = new ImportLookUps({ ...parts, find: findDeclaration });
  }

  /** Ends after the name that is being asked about. */
  stop(document: vscode.TextDocument): void {
    this.#lookUps.stop(document);
  }

  forget(): void {
    this.#lookUps.forget();
  }

  /** Never rejects: a language without definitions has none to offer. */
  offer(document: vscode.TextDocument): Promise<void> {
    return this.#lookUps.lookUp(document, document.getText(new vscode.Range(0, 0, importLines, 0)));
  }
}

async function findDeclaration(
  { uri: from }: vscode.TextDocument,
  { line, character }: ImportedName,
): Promise<FoundDeclaration> {
  const found = await vscode.commands.executeCommand<readonly (vscode.Location | vscode.LocationLink)[]>(
    'vscode.executeDefinitionProvider',
    from,
    new vscode.Position(line, character),
  );
  const [first] = found;
  if (first === undefined) return { type: 'unknown' };
  const [uri, range] = 'targetUri' in first ? [first.targetUri, first.targetRange] : [first.uri, first.range];
  if (uri.toString() === from.toString() || !isOfWorkspace(uri) || !isOffered(uri, null)) return elsewhere;
  const text = await textOf(uri);
  if (text === null) return elsewhere;
  const lines = text.split(/\r\n|\n|\r/);
  const span = declaredLines({ first: range.start.line, last: range.end.line }, lines.length);
  if (span === null) return elsewhere;
  return {
    type: 'offer',
    offer: {
      uri: uri.toString(),
      version: 0,
      ...offeredText((at) => lines[at] ?? '', span),
      reason: 'declaration',
      at: new Date().toISOString(),
    },
  };
}

/** As the editor has it where it is open, since languages count its lines so; null where it is too long. */
async function textOf(uri: vscode.Uri): Promise<string | null> {
  const open = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
  if (open !== undefined) return open.getText();
  // Read from disk: a document that is opened for it would be sent to every language server.
  const { size } = await vscode.workspace.fs.stat(uri);
  return size > mostBytes ? null : new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}

const elsewhere = { type: 'elsewhere' } as const;

/** Whether a file is the workspace's own: not of a package that was installed into it. */
function isOfWorkspace(uri: vscode.Uri): boolean {
  return (
    vscode.workspace.getWorkspaceFolder(uri) !== undefined &&
    !/\/(?:node_modules|site-packages|\.venv)\//.test(uri.path)
  );
}
