import type { Health } from '../../protocol/health.ts';
import type { EngineState } from './engineState.ts';
import { heartbeatLimits, type HeartbeatLimits } from './heartbeat.ts';
import { HeartbeatMonitor } from './heartbeatMonitor.ts';
import { decideRestart, type LaunchProfile } from './restartPolicy.ts';

/** What the keeper needs of a sidecar that answers. */
export interface KeptSidecar {
  /** Settles as soon as the sidecar's main thread reads it. */
  ping(): Promise<unknown>;
  health(): Promise<Health>;
  onHealth(listener: (health: Health) => void): void;
}

/** One life of a sidecar, as `SidecarLaunch` has it. */
export interface KeptLaunch<Sidecar extends KeptSidecar> {
  /** Resolves when the sidecar answers; rejects when it ended before that. */
  readonly started: Promise<Sidecar>;
  /** Resolves once, when the process is gone, with how it ended in words. Never rejects. */
  readonly ended: Promise<string>;
  /** Ends it in order, or by force when that takes too long. */
  stop(): Promise<void>;
  /** Ends it by force, with the processes that it started. */
  kill(): void;
}

interface KeeperLog {
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
}

export interface SidecarKeeperOptions<Sidecar extends KeptSidecar> {
  readonly launch: (profile: LaunchProfile) => KeptLaunch<Sidecar>;
  readonly onState: (state: EngineState) => void;
  readonly log: KeeperLog;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
  /** Default: those of the product. */
  readonly limits?: HeartbeatLimits;
  /** How long health says why the engine was restarted. Default: ten minutes. */
  readonly noteMs?: number;
}

/** A sidecar that has run for so long after a crash is in order again. */
const quietAfterCrashMs = 10 * 60_000;

/**
 * Keeps a sidecar running: restarts it after a crash, or when it does not answer any more, as `restartPolicy.ts` says, and
 * stops trying when the crash budget is spent. Knows nothing of VS Code. Owns the launch that is current.
 */
export class SidecarKeeper<Sidecar extends KeptSidecar> {
  readonly #options: SidecarKeeperOptions<Sidecar>;
  readonly #limits: HeartbeatLimits;
  #state: EngineState = { type: 'launching', profile: 'normal', restartNote: null };
  #launch: KeptLaunch<Sidecar> | null = null;
  #sidecar: Sidecar | null = null;
  #heartbeat: HeartbeatMonitor | null = null;
  #crashTimesMs: number[] = [];
  #restartTimer: NodeJS.Timeout | null = null;
  /** Why the current sidecar was started, where that was a crash of the one before and not long ago. */
  #restartNote: string | null = null;
  #noteTimer: NodeJS.Timeout | null = null;
  /** A sidecar that was given up, until its process is gone. */
  #isSilent = false;
  /** The end of the sidecar that was let go last. */
  #released: Promise<void> = Promise.resolve();
  #isDisposed = false;

  constructor(options: SidecarKeeperOptions<Sidecar>) {
    this.#options = options;
    this.#limits = options.limits ?? heartbeatLimits;
  }

  get state(): EngineState {
    return this.#state;
  }

  /** The sidecar if it answers now. */
  get sidecar(): Sidecar | null {
    return this.#sidecar;
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
    this.#clearNote();
    const released = this.#release();
    this.#setState({ type: 'launching', profile: 'normal', restartNote: null });
    await released;
    // Two restarts at once wait for the same end; the first of them has begun by now.
    if (this.#mayBegin()) this.#begin('normal');
  }

  /** Lets the sidecar go and starts none any more. `why` is the state's. */
  dispose(why: string): void {
    this.#isDisposed = true;
    this.#clearTimer();
    this.#clearNote();
    // The window is closing: the process ends by itself when its stdin closes, whether or not this is awaited.
    void this.#release();
    this.#setState({ type: 'stopped', why });
  }

  #begin(profile: LaunchProfile): void {
    const { log, now } = this.#options;
    const launchedAt = now();
    this.#setState({ type: 'launching', profile, restartNote: this.#restartNote });
    const launch = this.#options.launch(profile);
    this.#launch = launch;
    this.#isSilent = false;
    // Its first answer is the one to `initialize`.
    this.#watch(launch, () => launch.started);
    launch.started.then(
      (sidecar) => {
        if (this.#launch !== launch) return;
        log.info(`Engine answers after ${Math.round(now() - launchedAt)} ms.`);
        this.#adopt(launch, sidecar, profile);
      },
      (error: unknown) => {
        log.error(`Engine did not start: ${error instanceof Error ? error.message : String(error)}`);
      },
    );
    void launch.ended.then((exit) => {
      if (this.#launch === launch) this.#afterCrash(exit);
    });
  }

  /** Takes up a sidecar that answers. Everything it knows about us was in `initialize`; we ask for its health. */
  #adopt(launch: KeptLaunch<Sidecar>, sidecar: Sidecar, profile: LaunchProfile): void {
    const { log } = this.#options;
    const adoptHealth = (health: Health): void => {
      if (this.#launch === launch)
        this.#setState({ type: 'running', profile, health, restartNote: this.#restartNote });
    };
    this.#sidecar = sidecar;
    this.#watch(launch, () => sidecar.ping());
    this.#forgetNoteLater();
    sidecar.onHealth(adoptHealth);
    adoptHealth({ state: 'starting' });
    sidecar.health().then(adoptHealth, (error: unknown) => {
      log.warn(`The engine did not say how it is: ${String(error)}`);
    });
  }

  /** Watches a launch in the place of what was watched before. */
  #watch(launch: KeptLaunch<Sidecar>, ping: () => Promise<unknown>): void {
    this.#heartbeat?.dispose();
    this.#heartbeat = new HeartbeatMonitor({
      ping,
      now: this.#options.now,
      limits: this.#limits,
      onSilent: () => {
        if (this.#launch !== launch) return;
        this.#isSilent = true;
        launch.kill();
      },
    });
  }

  #afterCrash(ended: string): void {
    const { log } = this.#options;
    this.#clearNote();
    const now = this.#options.now();
    const exit = this.#isSilent ? `did not answer for ${this.#limits.silenceMs / 1000} s` : ended;
    this.#forget();
    this.#crashTimesMs.push(now);
    const decision = decideRestart(this.#crashTimesMs, now);
    if (decision.type === 'giveUp') {
      const why = `The engine ended ${decision.crashCount} times within a few minutes; the last time it ${exit}.`;
      log.error(`${why} It stays off until it is restarted by command.`);
      this.#setState({ type: 'stopped', why });
      return;
    }
    log.warn(`The engine ${exit}; it starts again in ${decision.delayMs} ms with reduced settings.`);
    this.#restartNote = `The engine ${exit} and was restarted.`;
    this.#setState({ type: 'waiting', delayMs: decision.delayMs, exit });
    this.#restartTimer = setTimeout(() => {
      this.#restartTimer = null;
      this.#begin(decision.profile);
    }, decision.delayMs);
  }

  /** Lets go of the sidecar, whose end is then no crash, and resolves when it is gone. */
  #release(): Promise<void> {
    const launch = this.#launch;
    this.#forget();
    if (launch !== null) this.#released = launch.stop();
    return this.#released;
  }

  #forget(): void {
    this.#heartbeat?.dispose();
    this.#heartbeat = null;
    this.#launch = null;
    this.#sidecar = null;
  }

  #forgetNoteLater(): void {
    if (this.#restartNote === null) return;
    this.#noteTimer = setTimeout(() => {
      this.#clearNote();
      if (this.#state.type === 'running') this.#setState({ ...this.#state, restartNote: null });
    }, this.#options.noteMs ?? quietAfterCrashMs);
  }

  #clearNote(): void {
    if (this.#noteTimer !== null) clearTimeout(this.#noteTimer);
    this.#noteTimer = null;
    this.#restartNote = null;
  }

  #mayBegin(): boolean {
    return this.#launch === null && !this.#isDisposed;
  }

  #setState(state: EngineState): void {
    this.#state = state;
    this.#options.onState(state);
  }

  #clearTimer(): void {
    if (this.#restartTimer !== null) clearTimeout(this.#restartTimer);
    this.#restartTimer = null;
  }
}
