import { feelPulse, heartbeatLimits, type HeartbeatLimits, type Pulse } from './heartbeat.ts';

export interface HeartbeatMonitorOptions {
  /** Asks the sidecar. Any answer shows that it lives, a refusal too; one that has ended is noticed elsewhere. */
  readonly ping: () => Promise<unknown>;
  /** Called once, when the sidecar has not answered for too long. */
  readonly onSilent: () => void;
  /** Monotonic, in milliseconds. */
  readonly now: () => number;
  /** Default: those of the product. */
  readonly limits?: HeartbeatLimits;
}

/** Asks a sidecar every few seconds whether it lives, until it is disposed or does not. Owns its timer. */
export class HeartbeatMonitor {
  readonly #options: HeartbeatMonitorOptions;
  readonly #limits: HeartbeatLimits;
  readonly #timer: NodeJS.Timeout;
  #pulse: Pulse;

  constructor(options: HeartbeatMonitorOptions) {
    this.#options = options;
    this.#limits = options.limits ?? heartbeatLimits;
    this.#pulse = { lookedAtMs: options.now(), silentSinceMs: null };
    this.#timer = setInterval(() => {
      this.#tick();
    }, this.#limits.intervalMs);
  }

  dispose(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const { pulse, action } = feelPulse(this.#pulse, this.#options.now(), this.#limits);
    this.#pulse = pulse;
    if (action === 'ask') {
      const answered = (): void => {
        this.#pulse = { ...this.#pulse, silentSinceMs: null };
      };
      this.#options.ping().then(answered, answered);
    } else if (action === 'restart') {
      this.dispose();
      this.#options.onSilent();
    }
  }
}
