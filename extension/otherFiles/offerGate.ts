import * as vscode from 'vscode';
import { isOfferedScheme } from '../../protocol/offeredPart.ts';
import { currentSettings } from '../config/configuration.ts';
import { isLanguageEnabled } from '../config/editorSettings.ts';
import { isExcluded } from './globPattern.ts';

/** Whether parts of a file may go into prompts: not of an excluded one, nor of a language without completions. */
export function isOffered(uri: vscode.Uri, languageId: string | null): boolean {
  if (!isOfferedScheme(uri.scheme)) return false;
  if (languageId !== null && !isLanguageEnabled(currentSettings().completions.languages, languageId)) {
    return false;
  }
  const globs = vscode.workspace.getConfiguration('files', uri).get<Record<string, unknown>>('exclude') ?? {};
  return !isExcluded(vscode.workspace.asRelativePath(uri, false), globs);
}
