import * as vscode from 'vscode';
import { CodedError } from '../../protocol/codedError.ts';
import { currentSettings } from '../config/configuration.ts';
import type { AddedServers } from './addedServers.ts';
import { stoppedError, type EngineState } from './engineState.ts';
import { toRequestError } from './requestError.ts';
import { settingsForProfile } from './restartPolicy.ts';
import type { SidecarConnection } from './sidecarConnection.ts';
import { SidecarKeeper } from './sidecarKeeper.ts';
import { SidecarLaunch } from './sidecarLaunch.ts';

/** Keeps a sidecar running, as VS Code sees it. Its state is a value; nothing here opens a dialog. */
export class SidecarSupervisor implements vscode.Disposable {
  readonly #log: vscode.LogOutputChannel;
  readonly #stateChanged = new vscode.EventEmitter<EngineState>();
  readonly #servers: AddedServers;
  readonly #keeper: SidecarKeeper<SidecarConnection>;

  constructor(sidecarPath: string, servers: AddedServers, log: vscode.LogOutputChannel) {
    this.#log = log;
    this.#servers = servers;
    this.#keeper = new SidecarKeeper({
      launch: (profile) =>
        new SidecarLaunch({
          sidecarPath,
          log,
          initialization: async () => ({
            servers: await servers.entries(),
            settings: settingsForProfile(currentSettings().sidecar, profile),
            advertiseInlineCompletion: false,
            offersContext: true,
            fallsBack: true,
          }),
          clean: (text) => servers.withoutKeys(text),
        }),
      onState: (state) => {
        this.#stateChanged.fire(state);
      },
      log,
      now: () => performance.now(),
    });
  }

  get state(): EngineState {
    return this.#keeper.state;
  }

  readonly onStateChanged = this.#stateChanged.event;

  /** The sidecar if it answers now. For callers that have nothing to show while it does not. */
  get connection(): SidecarConnection | null {
    return this.#keeper.sidecar;
  }

  /** The sidecar, as soon as it answers. Rejects with `sidecar.gone` when nothing will start it any more. */
  ready(token: vscode.CancellationToken): Promise<SidecarConnection> {
    return new Promise((resolve, reject) => {
      const listeners: vscode.Disposable[] = [];
      const settle = (): boolean => {
        const { connection, state } = this;
        if (connection !== null) resolve(connection);
        else if (token.isCancellationRequested) reject(cancelledWaiting());
        else if (state.type === 'stopped') reject(stoppedError(state.why));
        else return false;
        for (const listener of listeners) listener.dispose();
        return true;
      };
      if (settle()) return;
      listeners.push(this.onStateChanged(settle), token.onCancellationRequested(settle));
    });
  }

  /** Starts the first sidecar. Returns at once. */
  start(): void {
    this.#keeper.start();
  }

  /** Ends the sidecar if there is one, forgets past crashes and starts another with all features. */
  restart(): Promise<void> {
    return this.#keeper.restart();
  }

  /** Passes changed settings on; a sidecar that starts later reads them by itself. Never rejects. */
  async applySettings(): Promise<void> {
    const { state, connection } = this;
    if (state.type !== 'running' || connection === null) return;
    const settings = settingsForProfile(currentSettings().sidecar, state.profile);
    try {
      await connection.changeSettings(settings);
    } catch (error) {
      this.#log.warn(`The engine did not take the changed settings: ${String(error)}`);
    }
  }

  /** Passes on which servers may be sent to; a sidecar that starts later is given them by itself. Never rejects. */
  async applyServers(): Promise<void> {
    const { connection } = this;
    if (connection === null) return;
    try {
      await connection.changeServers(await this.#servers.entries());
    } catch (error) {
      this.#log.warn(`The engine did not take the changed servers: ${toRequestError(error).code}`);
    }
  }

  dispose(): void {
    // Requests that still wait for it fail with this.
    this.#keeper.dispose('The extension has been shut down.');
    this.#stateChanged.dispose();
  }
}

function cancelledWaiting(): CodedError {
  return new CodedError('cancelled', 'Waiting for the engine was cancelled.', 'Try again.');
}
