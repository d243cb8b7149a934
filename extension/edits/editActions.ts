import * as vscode from 'vscode';
import type { CommandId } from '../config/commandIds.ts';

const { QuickFix, RefactorRewrite } = vscode.CodeActionKind;

/** The light bulb: Fix where a problem is reported, the other edits where code is selected. Asks no model. */
export class EditActions implements vscode.CodeActionProvider {
  static readonly kinds = [QuickFix, RefactorRewrite];

  provideCodeActions(
    { uri }: vscode.TextDocument,
    range: vscode.Range,
    { diagnostics, only }: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    const action = (title: string, command: CommandId, kind: vscode.CodeActionKind): vscode.CodeAction => {
      const offered = new vscode.CodeAction(title, kind);
      offered.command = { title, command, arguments: [uri, range] };
      return offered;
    };
    const fix = action('Fix with Entropane', 'entropane.fix', QuickFix);
    fix.diagnostics = [...diagnostics];
    const fixes = diagnostics.length === 0 ? [] : [fix];
    const rewrites = range.isEmpty
      ? []
      : [
          action('Edit with Entropane…', 'entropane.editSelection', RefactorRewrite),
          action('Document with Entropane', 'entropane.document', RefactorRewrite),
          action('Write Tests with Entropane', 'entropane.writeTests', RefactorRewrite),
        ];
    return [...fixes, ...rewrites].filter(
      ({ kind }) => only === undefined || (kind !== undefined && only.contains(kind)),
    );
  }
}
