import * as vscode from 'vscode';

/** Errors and warnings of a file, or of a part of it, worst first; hints do not count. */
export function problemsIn(uri: vscode.Uri, range?: vscode.Range): readonly vscode.Diagnostic[] {
  return vscode.languages
    .getDiagnostics(uri)
    .filter(isProblem)
    .filter((diagnostic) => range === undefined || diagnostic.range.intersection(range) !== undefined)
    .toSorted((a, b) => a.severity - b.severity);
}

/** Whether it is an error or a warning. */
export function isProblem({ severity }: vscode.Diagnostic): boolean {
  return severity <= vscode.DiagnosticSeverity.Warning;
}
