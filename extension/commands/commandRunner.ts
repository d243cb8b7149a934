import * as vscode from 'vscode';
import { type CodedError, toCodedError } from '../../protocol/codedError.ts';
import { remedyFor } from '../config/remedy.ts';
import type { SidecarConnection } from '../engine/sidecarConnection.ts';
import type { SidecarSupervisor } from '../engine/sidecarSupervisor.ts';

/**
 * What a command needs decides what it is given: one that needs the engine gets a connection that answers, and is
 * not called at all while there is none.
 */
export type EditorCommand =
  | { readonly needs: 'editor'; run(): Promise<void> | void }
  | {
      readonly needs: 'engine';
      /** `given` is what a menu or a code action passes on. */
      run(connection: SidecarConnection, given: readonly unknown[]): Promise<void> | void;
    };

/** Runs what a user asked for. A failure ends in one message, with the button that helps where there is one. */
export class CommandRunner {
  readonly #supervisor: SidecarSupervisor;
  readonly #log: vscode.LogOutputChannel;

  constructor(supervisor: SidecarSupervisor, log: vscode.LogOutputChannel) {
    this.#supervisor = supervisor;
    this.#log = log;
  }

  /** The log shows `name`. Never rejects. */
  async run(name: string, command: EditorCommand, given: readonly unknown[] = []): Promise<void> {
    try {
      if (command.needs === 'editor') await command.run();
      else await command.run(await this.#whenReady(), given);
    } catch (thrown) {
      const error = toCodedError(thrown);
      this.#log.warn(`${name} failed (${error.code}): ${error.message} ${error.remedy}`);
      if (error.code !== 'cancelled') await showFailure(error);
    }
  }

  /** Waits for an engine that is starting, visibly and with a way out. */
  async #whenReady(): Promise<SidecarConnection> {
    const { connection } = this.#supervisor;
    if (connection !== null) return connection;
    return vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: 'Waiting for the engine', cancellable: true },
      (_progress, token) => this.#supervisor.ready(token),
    );
  }
}

async function showFailure(error: CodedError): Promise<void> {
  const remedy = remedyFor(error.code);
  const buttons = remedy === null ? [] : [remedy.title];
  const chosen = await vscode.window.showErrorMessage(`${error.message} ${error.remedy}`, ...buttons);
  if (remedy !== null && chosen === remedy.title) await vscode.commands.executeCommand(remedy.command);
}
