import * as vscode from 'vscode';
import { isProblem } from '../ask/problems.ts';
import type { CommandId } from '../config/commandIds.ts';

const { QuickFix, RefactorRewrite } = vscode.CodeActionKind;

/** What a code action is about, which it passes on to its command. */
export class ActionPlace {
  readonly uri: string;
  /** The selection, else what the editor asks about: the cursor, or one problem. */
  readonly range: vscode.Range;
  readonly problems: readonly vscode.Diagnostic[];

  constructor({ uri }: vscode.TextDocument, range: vscode.Range, problems: readonly vscode.Diagnostic[]) {
    this.uri = uri.toString();
    this.range = range;
    this.problems = problems;
  }
}

/**
 * The light bulb: Fix where a problem is reported, the other edits where code is selected. Where nothing is, they are in the menu
 * that is opened by hand alone, since each line of code would have a bulb. Asks no model.
 */
export class EditActions implements vscode.CodeActionProvider {
  static readonly kinds = [QuickFix, RefactorRewrite];

  provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    { diagnostics, only, triggerKind }: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    const problems = diagnostics.filter(isProblem);
    const place = new ActionPlace(document, range, problems);
    const action = (title: string, command: CommandId, kind: vscode.CodeActionKind): vscode.CodeAction => {
      const offered = new vscode.CodeAction(title, kind);
      offered.command = { title, command, arguments: [place] };
      return offered;
    };
    const fix = action('Fix with Entropane', 'entropane.fix', QuickFix);
    fix.diagnostics = problems;
    const isByHand = triggerKind === vscode.CodeActionTriggerKind.Invoke;
    const rewrites = [
      action('Edit with Entropane…', 'entropane.editSelection', RefactorRewrite),
      action('Document with Entropane', 'entropane.document', RefactorRewrite),
      action('Write Tests with Entropane', 'entropane.writeTests', RefactorRewrite),
      ...(range.isEmpty ? [action('Continue with Entropane', 'entropane.continue', RefactorRewrite)] : []),
    ];
    const offered = [
      ...(problems.length === 0 ? [] : [fix]),
      ...(range.isEmpty && !isByHand ? [] : rewrites),
    ];
    return offered.filter(({ kind }) => only === undefined || (kind !== undefined && only.contains(kind)));
  }
}
