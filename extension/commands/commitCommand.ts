import * as vscode from 'vscode';
import { CodedError } from '../../protocol/codedError.ts';
import type { AskRunner } from '../ask/askRunner.ts';
import { clippedDiff, commitMessageIn, commitQuestion, withoutCutLine } from '../edits/commitMessage.ts';
import { changesOf, gitRepositoryAt } from '../edits/gitRepository.ts';
import type { SidecarConnection } from '../engine/sidecarConnection.ts';

/** Tokens of a message at most: a model that does not end by itself says nothing more that belongs there. */
const largestMessageTokens = 160;

/** Fills the box of the source control view with a message for the staged changes, else for those of all files that Git tracks. */
export async function writeCommitMessage(
  connection: SidecarConnection,
  { asks }: { readonly asks: AskRunner },
  [given]: readonly unknown[],
): Promise<void> {
  const repository = await gitRepositoryAt(rootOf(given));
  const diff = await changesOf(repository);
  if (diff === null) {
    throw new CodedError(
      'parameter.invalid',
      'No file is staged or changed, so there is nothing to describe.',
      'Change a file, or stage a new one.',
    );
  }
  const typed = repository.inputBox.value;
  if (typed.trim() !== '' && !(await mayReplace())) return;
  const { text, reason } = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.SourceControl, title: 'Writing a commit message' },
    () =>
      asks.ask(connection, {
        question: commitQuestion,
        attachments: [{ languageId: 'diff', path: 'changes.diff', text: clippedDiff(diff) }],
        strategy: 'direct',
        budget: { generatedTokens: largestMessageTokens },
      }),
  );
  if (reason === 'cancelled' || reason === 'stoppedByUser') return;
  const written = commitMessageIn(text);
  const message = written !== null && reason === 'budgetExhausted' ? withoutCutLine(written) : written;
  if (message === null) {
    throw new CodedError(
      'parameter.invalid',
      'The model wrote no message.',
      'Try again, or write it yourself.',
    );
  }
  // What was typed meanwhile is the user's.
  if (repository.inputBox.value === typed) repository.inputBox.value = message;
}

async function mayReplace(): Promise<boolean> {
  const replace = 'Replace';
  const chosen = await vscode.window.showWarningMessage('Replace the message that is in the box?', replace);
  return chosen === replace;
}

/** A button of the source control view passes on what it belongs to. */
function rootOf(given: unknown): vscode.Uri | null {
  if (typeof given !== 'object' || given === null || !('rootUri' in given)) return null;
  return given.rootUri instanceof vscode.Uri ? given.rootUri : null;
}
