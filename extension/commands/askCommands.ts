import { homedir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { CodedError } from '../../protocol/codedError.ts';
import type { SteerParams } from '../../protocol/messages.ts';
import type { PanelToHost } from '../../protocol/panelMessages.ts';
import type { AskRunner } from '../ask/askRunner.ts';
import type { AskedQuestions, AskedQuestion } from '../ask/askedQuestions.ts';
import { askWithContext } from '../ask/contextBox.ts';
import type { EditorContext } from '../ask/editorContext.ts';
import type { LastTextEditor } from '../ask/lastTextEditor.ts';
import type { SidecarConnection } from '../engine/sidecarConnection.ts';
import type { TracePanel } from '../tracePanel/tracePanel.ts';
import type { FollowedTraces } from '../traces/followedTraces.ts';

export interface AskDependencies {
  readonly asks: AskRunner;
  readonly asked: AskedQuestions;
  readonly panel: TracePanel;
  readonly store: FollowedTraces;
  readonly lastEditor: LastTextEditor;
  readonly context: EditorContext;
}

/** Asks for a question and answers it in the panel. Selected code goes along. */
export async function askFromEditor(
  connection: SidecarConnection,
  dependencies: AskDependencies,
): Promise<void> {
  const { context } = dependencies;
  const words = {
    title: 'Entropane: Ask',
    placeholder:
      'A train leaves at 9:40 and arrives at 11:05. How many minutes does it take? (#path adds a file)',
  };
  const asked = await askWithContext(context, words, {
    send: () => ({ label: '$(comment) Ask', description: 'Enter. The answer comes in the trace panel.' }),
    chips: () => context.chips,
    attach: (text) => context.attachTo(text),
  });
  if (asked !== undefined) await answerInPanel(connection, dependencies, asked.question, asked.onStarted);
}

/** Explains the selected code in the panel. */
export async function explainSelection(
  connection: SidecarConnection,
  dependencies: AskDependencies,
): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || editor.selection.isEmpty) {
    throw new CodedError(
      'parameter.invalid',
      'No code is selected.',
      'Select the code to explain, then try again.',
    );
  }
  const question = 'Explain what this code does, and name anything surprising in it.';
  await answerInPanel(connection, dependencies, {
    question,
    attachments: [dependencies.context.giveSelection(editor)],
  });
}

/** Answers a question of the panel's box, with what its chips say goes along. */
export async function askFromPanel(
  connection: SidecarConnection,
  dependencies: AskDependencies,
  { question, follows }: Extract<PanelToHost, { readonly type: 'question/asked' }>,
): Promise<void> {
  const { context, panel } = dependencies;
  const { question: asked, onStarted } = await context.attachTo(question);
  await answerInPanel(connection, dependencies, follows === null ? asked : { ...asked, follows }, () => {
    onStarted();
    panel.acceptWords(question);
  });
}

/** Answers a question in the panel, which is brought to the front. */
async function answerInPanel(
  connection: SidecarConnection,
  dependencies: AskDependencies,
  question: AskedQuestion,
  onStarted?: () => void,
): Promise<void> {
  dependencies.panel.reveal();
  await dependencies.asks.ask(connection, question, onStarted);
}

/** Asks the question of a trace once more as it was asked, taken to be as hard as said, and shows the new trace. */
export async function askAgain(
  connection: SidecarConnection,
  dependencies: AskDependencies,
  { requestId, difficulty }: Extract<PanelToHost, { readonly type: 'question/askedAgain' }>,
): Promise<void> {
  const question = dependencies.asked.of(requestId);
  if (question === null) {
    throw new CodedError(
      'request.unknown',
      'How this question was asked, and with which code, is no longer known.',
      'Ask it in the box below the trace.',
    );
  }
  // A class decides where no setting chooses the strategy.
  await answerInPanel(connection, dependencies, { ...question, strategy: 'auto', difficulty });
}

/**
 * Steers the request that the panel shows while it runs, otherwise the one that was asked last. Stop also ends a
 * question that still waits for its model.
 */
export async function steerRunning(
  connection: SidecarConnection,
  dependencies: AskDependencies,
  action: SteerParams['action'],
): Promise<void> {
  const { shownId } = dependencies.panel;
  const isShownRunning = shownId !== null && dependencies.store.isRunning(shownId);
  const requestId = isShownRunning ? shownId : dependencies.store.lastRunning;
  if (requestId === null) {
    if (action === 'stop' && dependencies.asks.cancelWaiting()) return;
    throw new CodedError('request.unknown', 'No question is being answered.', 'Ask one first.');
  }
  await dependencies.asks.steer(connection, { requestId, action });
}

/** Saves the self-contained view of a trace where the user says, and offers to open it. */
export async function exportTrace(connection: SidecarConnection, requestId: string): Promise<void> {
  const target = await vscode.window.showSaveDialog({
    title: 'Export Trace',
    defaultUri: vscode.Uri.file(path.join(defaultFolder(), `${requestId}.html`)),
    filters: { 'Web page': ['html'] },
  });
  if (target === undefined) return;
  const exported = await connection.request('entropane/traces/export', {
    requestId,
    outputPath: target.fsPath,
  });
  const open = 'Open in Browser';
  const chosen = await vscode.window.showInformationMessage(`Trace written to ${exported.path}.`, open);
  if (chosen === open) await vscode.env.openExternal(vscode.Uri.file(exported.path));
}

/** The first workspace folder on this machine's disk, else the user's own. */
function defaultFolder(): string {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.find(({ uri }) => uri.scheme === 'file')?.uri.fsPath ?? homedir();
}
