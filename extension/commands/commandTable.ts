import * as vscode from 'vscode';
import { type CommandId, commandIds } from '../config/commandIds.ts';
import type { AddedServers } from '../engine/addedServers.ts';
import type { SidecarSupervisor } from '../engine/sidecarSupervisor.ts';
import type { Snooze } from '../inlineCompletion/snooze.ts';
import { showQuickMenu } from '../statusBar/quickMenu.ts';
import type { StatusBar } from '../statusBar/statusBar.ts';
import type { PanelIntent } from '../tracePanel/tracePanel.ts';
import {
  askAgain,
  type AskDependencies,
  askFromEditor,
  askFromPanel,
  explainSelection,
  exportTrace,
  steerRunning,
} from './askCommands.ts';
import { applyCode, type ApplyDependencies, copyCode, insertCode } from './codeCommands.ts';
import type { EditorCommand, CommandRunner } from './commandRunner.ts';
import { writeCommitMessage } from './commitCommand.ts';
import {
  snoozeCompletions,
  toggleCompletions,
  toggleCompletionsForLanguage,
  triggerCompletion,
} from './completionCommands.ts';
import { overrideDifficulty, setDifficulty } from './difficultyCommand.ts';
import {
  continueCode,
  documentCode,
  type EditDependencies,
  editFromPanel,
  editSelection,
  fixProblems,
  type PanelEditDependencies,
  writeTests,
} from './editCommands.ts';
import { clearStrategyMemory, showStrategyMemory } from './memoryCommands.ts';
import { chooseModel, fetchLargerModel, fetchModel } from './modelCommands.ts';
import { addServer, removeServer } from './serverCommands.ts';
import { resetSpending, showSpending } from './spendingCommands.ts';

export interface CommandDependencies extends AskDependencies, EditDependencies {
  readonly servers: AddedServers;
  readonly supervisor: SidecarSupervisor;
  readonly snooze: Snooze;
  readonly status: StatusBar;
  readonly log: vscode.LogOutputChannel;
}

/** What each command does; a command without an entry does not compile. */
export function commandTable(dependencies: CommandDependencies): Readonly<Record<CommandId, EditorCommand>> {
  return {
    ...editTable(dependencies),
    'entropane.ask': { needs: 'engine', run: (connection) => askFromEditor(connection, dependencies) },
    'entropane.explainSelection': {
      needs: 'engine',
      run: (connection) => explainSelection(connection, dependencies),
    },
    'entropane.answerNow': {
      needs: 'engine',
      run: (connection) => steerRunning(connection, dependencies, 'answerNow'),
    },
    'entropane.thinkMore': {
      needs: 'engine',
      run: (connection) => steerRunning(connection, dependencies, 'thinkMore'),
    },
    'entropane.stop': {
      needs: 'engine',
      run: (connection) => steerRunning(connection, dependencies, 'stop'),
    },
    'entropane.setDifficulty': { needs: 'editor', run: setDifficulty },
    'entropane.showStrategyMemory': { needs: 'engine', run: showStrategyMemory },
    'entropane.clearStrategyMemory': { needs: 'engine', run: clearStrategyMemory },
    'entropane.showSpending': { needs: 'engine', run: showSpending },
    'entropane.resetSpending': { needs: 'engine', run: resetSpending },
    'entropane.openTracePanel': {
      needs: 'editor',
      run: () => {
        dependencies.panel.reveal();
      },
    },
    'entropane.triggerCompletion': { needs: 'editor', run: triggerCompletion },
    'entropane.toggleCompletions': { needs: 'editor', run: toggleCompletions },
    'entropane.toggleCompletionsForLanguage': { needs: 'editor', run: toggleCompletionsForLanguage },
    'entropane.snoozeCompletions': { needs: 'editor', run: () => snoozeCompletions(dependencies.snooze) },
    'entropane.chooseModel': {
      needs: 'engine',
      run: (connection) => chooseModel(connection, dependencies),
    },
    'entropane.addServer': { needs: 'engine', run: (connection) => addServer(connection, dependencies) },
    'entropane.removeServer': { needs: 'editor', run: () => removeServer(dependencies) },
    'entropane.fetchModel': { needs: 'engine', run: fetchModel },
    'entropane.fetchLargerModel': { needs: 'engine', run: fetchLargerModel },
    'entropane.showLog': {
      needs: 'editor',
      run: () => {
        dependencies.log.show();
      },
    },
    'entropane.restartEngine': { needs: 'editor', run: () => dependencies.supervisor.restart() },
    'entropane.showMenu': { needs: 'editor', run: () => showQuickMenu(dependencies.status.menuState()) },
  };
}

type EditCommandId = Extract<
  CommandId,
  `entropane.${'editSelection' | 'fix' | 'document' | 'writeTests' | 'continue' | 'writeCommitMessage' | `${string}Edit` | 'acceptChange'}`
>;

function editTable(dependencies: CommandDependencies): Readonly<Record<EditCommandId, EditorCommand>> {
  const { edits } = dependencies;
  return {
    'entropane.editSelection': {
      needs: 'engine',
      run: (connection, given) => editSelection(connection, dependencies, given),
    },
    'entropane.fix': {
      needs: 'engine',
      run: (connection, given) => fixProblems(connection, dependencies, given),
    },
    'entropane.document': {
      needs: 'engine',
      run: (connection, given) => documentCode(connection, dependencies, given),
    },
    'entropane.writeTests': {
      needs: 'engine',
      run: (connection, given) => writeTests(connection, dependencies, given),
    },
    'entropane.continue': { needs: 'engine', run: (connection) => continueCode(connection, dependencies) },
    'entropane.writeCommitMessage': {
      needs: 'engine',
      run: (connection, given) => writeCommitMessage(connection, dependencies, given),
    },
    'entropane.acceptEdit': { needs: 'editor', run: () => edits.accept('all') },
    'entropane.acceptChange': { needs: 'editor', run: () => edits.accept('atCursor') },
    'entropane.discardEdit': { needs: 'editor', run: () => edits.discard() },
    'entropane.takeBackEdit': { needs: 'editor', run: () => edits.takeBack() },
  };
}

/** Registers every command of the table with VS Code. */
export function registerCommands(
  runner: CommandRunner,
  table: Readonly<Record<CommandId, EditorCommand>>,
): vscode.Disposable {
  return vscode.Disposable.from(
    ...commandIds.map((id) =>
      vscode.commands.registerCommand(id, (...given: unknown[]) => runner.run(id, table[id], given)),
    ),
  );
}

/** Lists files of the workspace in the panel, for what was typed after a `#`. */
async function listFiles({ context, panel }: AskDependencies, query: string): Promise<void> {
  panel.showFiles(query, await context.find(query));
}

/** What a click in the trace panel does. */
export function intentCommand(
  intent: PanelIntent,
  dependencies: AskDependencies & PanelEditDependencies & ApplyDependencies,
): EditorCommand {
  switch (intent.type) {
    case 'question/asked':
      return { needs: 'engine', run: (connection) => askFromPanel(connection, dependencies, intent) };
    case 'question/askedAgain':
      return { needs: 'engine', run: (connection) => askAgain(connection, dependencies, intent) };
    case 'edit/asked':
      return { needs: 'engine', run: (connection) => editFromPanel(connection, dependencies, intent) };
    case 'difficulty/chosen':
      return { needs: 'editor', run: () => overrideDifficulty(intent.choice) };
    case 'request/steer':
      return { needs: 'engine', run: (connection) => dependencies.asks.steer(connection, intent.steer) };
    case 'trace/open':
      return { needs: 'editor', run: () => dependencies.panel.show(intent.requestId) };
    case 'context/given':
      return {
        needs: 'editor',
        run: () => {
          dependencies.context.give(intent.id);
        },
      };
    case 'context/removed':
      return {
        needs: 'editor',
        run: () => {
          dependencies.context.remove(intent.id);
        },
      };
    case 'context/added':
      return {
        needs: 'editor',
        run: () => {
          dependencies.context.add(intent.path);
        },
      };
    case 'files/sought':
      return { needs: 'editor', run: () => listFiles(dependencies, intent.query) };
    case 'code/copied':
      return { needs: 'editor', run: () => copyCode(intent.code) };
    case 'code/inserted':
      return { needs: 'editor', run: () => insertCode(dependencies.lastEditor, intent.code) };
    case 'code/applied':
      return { needs: 'editor', run: () => applyCode(dependencies, intent) };
    case 'trace/export':
      return { needs: 'engine', run: (connection) => exportTrace(connection, intent.requestId) };
  }
}
