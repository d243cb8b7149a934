import * as vscode from 'vscode';
import { answersQuestions } from '../protocol/health.ts';
import type { AskRunner } from './ask/askRunner.ts';
import type { EditDesk } from './edits/editDesk.ts';
import { healthOf } from './engine/engineState.ts';
import type { SidecarSupervisor } from './engine/sidecarSupervisor.ts';
import type { CompletionProvider } from './inlineCompletion/completionProvider.ts';

type ContextKey = 'requestRunning' | 'modelReady' | 'completionShown' | 'editOpen' | 'editApplied';

export interface ContextSources {
  readonly supervisor: SidecarSupervisor;
  readonly completions: CompletionProvider;
  readonly asks: AskRunner;
  readonly edits: EditDesk;
}

/** Keeps the context keys that the manifest's `when` clauses and the walkthrough read. */
export function publishContext({ supervisor, completions, asks, edits }: ContextSources): vscode.Disposable {
  return vscode.Disposable.from(
    asks.onRunningChanged(() => {
      setContext('requestRunning', asks.isRunning);
    }),
    edits.onChanged(() => {
      setContext('editOpen', edits.isOpen);
      setContext('editApplied', edits.canTakeBack);
    }),
    supervisor.onStateChanged((state) => {
      setContext('modelReady', answersQuestions(healthOf(state)));
    }),
    completions.onOutcome((outcome) => {
      if (outcome.type === 'shown') setContext('completionShown', true);
    }),
  );
}

function setContext(key: ContextKey, value: boolean): void {
  // Nothing waits for it: `when` clauses follow whenever it has arrived.
  void vscode.commands.executeCommand('setContext', `entropane.${key}`, value);
}
