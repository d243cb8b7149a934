import * as path from 'node:path';
import * as vscode from 'vscode';
import type { EditDiagnostic, EditDocument } from '../../protocol/edit.ts';
import type { DocumentRange, FormattingOptions } from '../../protocol/messages.ts';
import { problemsIn } from '../ask/problems.ts';
import type { LineEnd } from './documentLines.ts';
import { type CodeSymbol, isTouching } from './editRange.ts';
import { inTime } from './inTime.ts';

/** An outline that takes longer is done without: the paragraph is edited. */
const outlineLimitMs = 2_000;

const codeKinds = new Set([
  vscode.SymbolKind.Class,
  vscode.SymbolKind.Constructor,
  vscode.SymbolKind.Enum,
  vscode.SymbolKind.Function,
  vscode.SymbolKind.Interface,
  vscode.SymbolKind.Method,
  vscode.SymbolKind.Struct,
]);

const valueKinds = new Set([
  vscode.SymbolKind.Constant,
  vscode.SymbolKind.Field,
  vscode.SymbolKind.Property,
  vscode.SymbolKind.Variable,
]);

/** A document as an edit is asked for. */
export function editDocumentOf({ document, options }: vscode.TextEditor): EditDocument {
  return {
    uri: document.uri.toString(),
    path: vscode.workspace.asRelativePath(document.uri, false),
    languageId: document.languageId,
    version: document.version,
    text: document.getText(),
    lineEnd: lineEndIn(document),
    formatting: formattingOf(options),
    encoding: document.encoding,
    workspaceFolder: folderOf(document.uri),
  };
}

/** Null for a folder that is not on this machine's disk, too. */
function folderOf(uri: vscode.Uri): string | null {
  const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri;
  return folder?.scheme === 'file' ? folder.fsPath : null;
}

export function lineEndIn({ eol }: vscode.TextDocument): LineEnd {
  return eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n';
}

export function fileNameOf({ uri }: vscode.TextDocument): string {
  return path.posix.basename(uri.path);
}

/** How an editor indents; what it has not found out yet is as VS Code does without settings. */
export function formattingOf({ tabSize, insertSpaces }: vscode.TextEditorOptions): FormattingOptions {
  return {
    tabSize: typeof tabSize === 'number' ? tabSize : 4,
    insertSpaces: typeof insertSpaces === 'boolean' ? insertSpaces : true,
  };
}

/** The problems that the editor reports about a range, worst first. */
export function diagnosticsAt(uri: vscode.Uri, range: DocumentRange): readonly EditDiagnostic[] {
  return problemsIn(uri)
    .map(editDiagnosticOf)
    .filter((diagnostic) => isTouching(diagnostic.range, range));
}

export function editDiagnosticOf({ message, range }: vscode.Diagnostic): EditDiagnostic {
  return { message, range: documentRangeOf(range) };
}

/** Functions, classes and values of a document's outline; empty where no extension knows its language. */
export async function codeSymbolsOf({ uri }: vscode.TextDocument): Promise<readonly CodeSymbol[]> {
  const outline = await inTime(
    vscode.commands.executeCommand<readonly OutlineEntry[] | undefined>(
      'vscode.executeDocumentSymbolProvider',
      uri,
    ),
    outlineLimitMs,
    undefined,
  );
  return (outline ?? []).flatMap(symbolsIn);
}

/** Providers give one or the other. */
type OutlineEntry = vscode.DocumentSymbol | vscode.SymbolInformation;

function symbolsIn(entry: OutlineEntry): readonly CodeSymbol[] {
  const { start, end } = 'location' in entry ? entry.location.range : entry.range;
  const children = 'children' in entry ? entry.children.flatMap(symbolsIn) : [];
  const kind = codeKinds.has(entry.kind) ? 'code' : valueKinds.has(entry.kind) ? 'value' : null;
  return kind === null ? children : [{ kind, first: start.line, last: end.line }, ...children];
}

export function documentRangeOf({ start, end }: vscode.Range): DocumentRange {
  return {
    start: { line: start.line, character: start.character },
    end: { line: end.line, character: end.character },
  };
}

export function editorRangeOf({ start, end }: DocumentRange): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}
