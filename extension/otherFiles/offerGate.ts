import * as vscode from 'vscode';
import { currentSettings } from '../config/configuration.ts';
import { isLanguageEnabled } from '../config/editorSettings.ts';
import { isExcluded } from './globPattern.ts';

/** Schemes whose documents are offered: what is on this machine. */
const offeredSchemes = new Set(['file', 'untitled', 'vscode-notebook-cell']);

/** Whether a document is of a kind that is offered: no output, and nothing of another machine. */
export function hasOfferedScheme({ scheme }: vscode.Uri): boolean {
  return offeredSchemes.has(scheme);
}

/** Whether parts of a file may go into prompts: not of an excluded one, nor of a language without completions. */
export function isOffered(uri: vscode.Uri, languageId: string | null): boolean {
  if (!hasOfferedScheme(uri)) return false;
  if (languageId !== null && !isLanguageEnabled(currentSettings().completions.languages, languageId)) {
    return false;
  }
  const globs = vscode.workspace.getConfiguration('files', uri).get<Record<string, unknown>>('exclude') ?? {};
  return !isExcluded(vscode.workspace.asRelativePath(uri, false), globs);
}
