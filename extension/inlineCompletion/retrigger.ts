import * as vscode from 'vscode';
import manifest from '../../package.json' with { type: 'json' };
import { servedDocuments } from '../config/servedDocuments.ts';

/** What VS Code calls our providers, whichever of them. */
const providerId = `${manifest.publisher}.${manifest.name}:*`;

/**
 * Has the active editor ask again for what is on display, although nothing has changed: more has been written. The editor
 * answers a request of the same position and version from what it has, unless it names a provider that it has not asked yet. So
 * the provider is registered once more for as long as that takes. VS Code before 1.104 or so knows no `explicit`, and calls the
 * provider as if the user had asked by hand: whoever answers has to know that it is this request.
 */
export async function retrigger(provider: vscode.InlineCompletionItemProvider): Promise<void> {
  const again = vscode.languages.registerInlineCompletionItemProvider(servedDocuments, provider);
  try {
    await vscode.commands.executeCommand('editor.action.inlineSuggest.trigger', {
      providerId,
      explicit: false,
    });
  } finally {
    again.dispose();
  }
}
