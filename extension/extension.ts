import * as vscode from 'vscode';
import { AskRunner } from './ask/askRunner.ts';
import { AskedQuestions } from './ask/askedQuestions.ts';
import { EditorContext } from './ask/editorContext.ts';
import { LastTextEditor } from './ask/lastTextEditor.ts';
import { CommandRunner } from './commands/commandRunner.ts';
import { commandTable, intentCommand, registerCommands } from './commands/commandTable.ts';
import { onSettingsChanged } from './config/configuration.ts';
import { servedDocuments } from './config/servedDocuments.ts';
import { publishContext } from './contextKeys.ts';
import { AskedSelections } from './edits/askedSelections.ts';
import { EditActions } from './edits/editActions.ts';
import { EditDesk } from './edits/editDesk.ts';
import { documentRangeOf } from './edits/editSource.ts';
import { AddedServers } from './engine/addedServers.ts';
import { SidecarSupervisor } from './engine/sidecarSupervisor.ts';
import { CompletionProvider } from './inlineCompletion/completionProvider.ts';
import { Snooze } from './inlineCompletion/snooze.ts';
import { ContextOffers } from './otherFiles/contextOffers.ts';
import { StatusBar } from './statusBar/statusBar.ts';
import { TracePanel } from './tracePanel/tracePanel.ts';
import { FollowedTraces } from './traces/followedTraces.ts';

/** Entry point of the extension. Wires the parts together and returns; the engine starts in the background. */
export function activate(context: vscode.ExtensionContext): void {
  const startedAt = performance.now();
  const log = vscode.window.createOutputChannel('Entropane', { log: true });
  const servers = serversOf(context, log);
  const supervisor = new SidecarSupervisor(context.asAbsolutePath('dist/sidecar.cjs'), servers, log);
  servers.onChanged(() => void supervisor.applyServers());
  const snooze = new Snooze();
  const store = new FollowedTraces();
  const asked = new AskedQuestions();
  const lastEditor = new LastTextEditor();
  const editorContext = new EditorContext(lastEditor);
  const asks = new AskRunner({ store, asked, log });
  const isAnswering = (): boolean => asks.isRunning;
  const completions = new CompletionProvider({ supervisor, snooze, isAnswering, log });
  const edits = new EditDesk(asks);
  const panelDependencies = { supervisor, store, asked, context: editorContext, log };
  const panel = new TracePanel(context.extensionUri, panelDependencies);
  const selections = new AskedSelections();
  const asking = { asks, asked, selections, store, panel, lastEditor, context: editorContext, edits };
  const status = new StatusBar({ supervisor, completions, asks, snooze });
  const runner = new CommandRunner(supervisor, log);

  context.subscriptions.push(
    log,
    supervisor,
    snooze,
    completions,
    new ContextOffers(supervisor),
    lastEditor,
    editorContext,
    followSelections(selections, editorContext),
    asks,
    edits,
    panel,
    status,
    asks.onAppended(({ requestId, events }) => {
      panel.append(requestId, events);
    }),
    context.secrets.onDidChange(({ key }) => void servers.secretChanged(key)),
    onSettingsChanged(() => void supervisor.applySettings()),
    publishContext({ supervisor, completions, asks, edits }),
    registerCommands(runner, commandTable({ ...asking, servers, supervisor, snooze, status, log })),
    panel.onIntent((intent) => runner.run(intent.type, intentCommand(intent, asking))),
    vscode.languages.registerInlineCompletionItemProvider(servedDocuments, completions),
    vscode.languages.registerCodeActionsProvider(servedDocuments, new EditActions(), {
      providedCodeActionKinds: EditActions.kinds,
    }),
  );
  supervisor.start();
  log.info(`Activated in ${(performance.now() - startedAt).toFixed(1)} ms.`);
  // Sidecar and models are on the same machine as this host.
  const isBesideFiles = context.extension.extensionKind === vscode.ExtensionKind.Workspace;
  log.info(
    `Extension host: ${isBesideFiles ? 'workspace' : 'ui'}, remote: ${vscode.env.remoteName ?? 'none'}.`,
  );
}

/** Has the selections that questions are about followed while their documents are open. */
function followSelections(selections: AskedSelections, context: EditorContext): vscode.Disposable {
  return vscode.Disposable.from(
    context.onSelectionGiven((given) => {
      // A range of VS Code has its members by its class alone, so copies of it would lack them.
      selections.add({ ...given, range: documentRangeOf(given.range) });
    }),
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      selections.follow(document.uri.toString(), contentChanges);
    }),
    vscode.workspace.onDidCloseTextDocument((document) => {
      // A document whose language changes is closed and opened as well.
      if (document.isClosed) selections.lose(document.uri.toString());
    }),
  );
}

function serversOf(
  { globalState, secrets }: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
): AddedServers {
  return new AddedServers({
    list: globalState,
    keys: secrets,
    warn: (line) => {
      log.warn(line);
    },
  });
}
