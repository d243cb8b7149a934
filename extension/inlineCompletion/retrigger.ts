import * as vscode from 'vscode';
import manifest from '../../package.json' with { type: 'json' };
import { servedDocuments } from '../config/servedDocuments.ts';

const command = 'editor.action.inlineSuggest.trigger';
/** What VS Code calls our providers, whichever of them. */
const providerId = `${manifest.publisher}.${manifest.name}:*`;

/**
 * Has the active editor ask again for what is on display, although nothing has changed: more has been written. The editor
 * answers a request of the same position and version from what it has, unless it names a provider that it has not asked yet. So
 * the provider is registered once more for as long as that takes. A version of VS Code that does not know these arguments calls
 * the provider as if the user had asked by hand: the provider has to know that it is this request.
 */
export async function retrigger(provider: vscode.InlineCompletionItemProvider): Promise<void> {
  const again = vscode.languages.registerInlineCompletionItemProvider(servedDocuments, provider);
  try {
    await vscode.commands.executeCommand(command, { providerId, explicit: false });
  } catch {
    // Refused with arguments that it does not know.
    await vscode.commands.executeCommand(command);
  } finally {
    again.dispose();
  }
}
