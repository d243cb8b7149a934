import * as vscode from 'vscode';
import { CodedError } from '../../protocol/codedError.ts';
import { currentSettings } from '../config/configuration.ts';
import { stoppedError, type EngineState } from './engineState.ts';
import { decideRestart, settingsForProfile, type LaunchProfile } from './restartPolicy.ts';
import type { SidecarConnection } from './sidecarConnection.ts';
import { SidecarLaunch } from './sidecarLaunch.ts';

/**
 * Keeps a sidecar running: restarts it after a crash as `restartPolicy.ts` says, and stops trying when the crash
 * budget is spent. Its state is a value; nothing here opens a dialog.
 */
export class SidecarSupervisor implements vscode.Disposable {
  readonly #sidecarPath: string;
  readonly #log: vscode.LogOutputChannel;
  readonly #stateChanged = new vscode.EventEmitter<EngineState>();
  #state: EngineState = { type: 'launching', profile: 'normal' };
  #launch: SidecarLaunch | null = null;
  #connection: SidecarConnection | null = null;
  #crashTimesMs: number[] = [];
  #restartTimer: NodeJS.Timeout | null = null;
  /** The end of the sidecar that was let go last. */
  #released: Promise<void> = Promise.resolve();
  #isDisposed = false;

  constructor(sidecarPath: string, log: vscode.LogOutputChannel) {
    this.#sidecarPath = sidecarPath;
    this.#log = log;
  }

  get state(): EngineState {
    return this.#state;
  }

  readonly onStateChanged = this.#stateChanged.event;

  /** The sidecar if it answers now. For callers that have nothing to show while it does not. */
  get connection(): SidecarConnection | null {
    return this.#connection;
  }

  /** The sidecar, as soon as it answers. Rejects with `sidecar.gone` when nothing will start it any more. */
  ready(token: vscode.CancellationToken): Promise<SidecarConnection> {
    return new Promise((resolve, reject) => {
      const listeners: vscode.Disposable[] = [];
      const settle = (): boolean => {
        if (this.#connection !== null) resolve(this.#connection);
        else if (token.isCancellationRequested) reject(cancelledWaiting());
        else if (this.#state.type === 'stopped') reject(stoppedError(this.#state.why));
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
    this.#begin('normal');
  }

  /** Ends the sidecar if there is one, forgets past crashes and starts another with all features. */
  async restart(): Promise<void> {
    if (this.#isDisposed) return;
    this.#clearTimer();
    this.#crashTimesMs = [];
    const released = this.#release();
    this.#setState({ type: 'launching', profile: 'normal' });
    await released;
    // Two restarts at once wait for the same end; the first of them has begun by now.
    if (this.#mayBegin()) this.#begin('normal');
  }

  /** Tells the sidecar about changed settings; one that starts later reads them by itself. Never rejects. */
  async applySettings(): Promise<void> {
    if (this.#state.type !== 'running' || this.#connection === null) return;
    const settings = settingsForProfile(currentSettings().sidecar, this.#state.profile);
    try {
      await this.#connection.changeSettings(settings);
    } catch (error) {
      this.#log.warn(`The engine did not take the changed settings: ${String(error)}`);
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#clearTimer();
    // The window is closing: the process ends by itself when its stdin closes, whether or not this is awaited.
    void this.#release();
    // Whoever still waits for it is told.
    this.#setState({ type: 'stopped', why: 'The extension has been shut down.' });
    this.#stateChanged.dispose();
  }

  #begin(profile: LaunchProfile): void {
    const launchedAt = performance.now();
    this.#setState({ type: 'launching', profile });
    const launch = new SidecarLaunch({
      sidecarPath: this.#sidecarPath,
      log: this.#log,
      initialization: {
        settings: settingsForProfile(currentSettings().sidecar, profile),
        advertiseInlineCompletion: false,
      },
    });
    this.#launch = launch;
    launch.started.then(
      (connection) => {
        if (this.#launch !== launch) return;
        this.#log.info(`Engine answers after ${Math.round(performance.now() - launchedAt)} ms.`);
        this.#adopt(launch, connection, profile);
      },
      (error: unknown) => {
        this.#log.error(`Engine did not start: ${error instanceof Error ? error.message : String(error)}`);
      },
    );
    void launch.ended.then((exit) => {
      if (this.#launch === launch) this.#afterCrash(exit);
    });
  }

  /** Takes up a sidecar that answers. Everything it knows about us was in `initialize`; we ask for its health. */
  #adopt(launch: SidecarLaunch, connection: SidecarConnection, profile: LaunchProfile): void {
    const isCurrent = () => this.#launch === launch;
    this.#connection = connection;
    connection.on('entropane/health/changed', (health) => {
      if (isCurrent()) this.#setState({ type: 'running', profile, health });
    });
    this.#setState({ type: 'running', profile, health: { state: 'starting' } });
    connection.request('entropane/health/get', null).then(
      (health) => {
        if (isCurrent()) this.#setState({ type: 'running', profile, health });
      },
      (error: unknown) => {
        this.#log.warn(`The engine did not tell its health: ${String(error)}`);
      },
    );
  }

  #afterCrash(exit: string): void {
    const now = performance.now();
    this.#launch = null;
    this.#connection = null;
    this.#crashTimesMs.push(now);
    const decision = decideRestart(this.#crashTimesMs, now);
    if (decision.type === 'giveUp') {
      const why = `The engine ended ${decision.crashCount} times within a few minutes; the last time it ${exit}.`;
      this.#log.error(`${why} It stays off until it is restarted by command.`);
      this.#setState({ type: 'stopped', why });
      return;
    }
    this.#log.warn(`The engine ${exit}; it starts again in ${decision.delayMs} ms with reduced settings.`);
    this.#setState({ type: 'waiting', delayMs: decision.delayMs, exit });
    this.#restartTimer = setTimeout(() => {
      this.#restartTimer = null;
      this.#begin(decision.profile);
    }, decision.delayMs);
  }

  /** Lets go of the sidecar, whose end is then no crash, and resolves when it is gone. */
  #release(): Promise<void> {
    const launch = this.#launch;
    this.#launch = null;
    this.#connection = null;
    if (launch !== null) this.#released = launch.stop();
    return this.#released;
  }

  #mayBegin(): boolean {
    return this.#launch === null && !this.#isDisposed;
  }

  #setState(state: EngineState): void {
    this.#state = state;
    this.#stateChanged.fire(state);
  }

  #clearTimer(): void {
    if (this.#restartTimer !== null) clearTimeout(this.#restartTimer);
    this.#restartTimer = null;
  }
}

function cancelledWaiting(): CodedError {
  return new CodedError('cancelled', 'Waiting for the engine was cancelled.', 'Try again.');
}
