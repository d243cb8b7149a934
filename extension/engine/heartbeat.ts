/** How often the sidecar is asked whether it lives, and how long it may be silent. */
export interface HeartbeatLimits {
  readonly intervalMs: number;
  /** Without an answer for so long it counts as blocked for good. Its main thread does nothing that takes seconds. */
  readonly silenceMs: number;
  /** A timer that is later than this was not the sidecar's fault: the machine slept, or this process was blocked. */
  readonly latenessMs: number;
}

export const heartbeatLimits: HeartbeatLimits = {
  intervalMs: 2_000,
  silenceMs: 10_000,
  latenessMs: 2_000,
};

/** What is known of a sidecar's answers. Times in milliseconds, any origin. */
export interface Pulse {
  /** When it was looked at last. */
  readonly lookedAtMs: number;
  /** Since when an answer is missing; null while none is. */
  readonly silentSinceMs: number | null;
}

/** `ask` sends a question, `wait` leaves the open one, `restart` gives the process up. */
export type PulseAction = 'ask' | 'wait' | 'restart';

/**
 * What to do at a tick of the timer, and what is known then. After a tick that came late the silence is counted anew: an
 * answer may be on its way that nobody could take. Pure.
 */
export function feelPulse(
  { lookedAtMs, silentSinceMs }: Pulse,
  nowMs: number,
  { intervalMs, silenceMs, latenessMs }: HeartbeatLimits,
): { readonly pulse: Pulse; readonly action: PulseAction } {
  if (silentSinceMs === null) return { pulse: { lookedAtMs: nowMs, silentSinceMs: nowMs }, action: 'ask' };
  const isLate = nowMs - lookedAtMs > intervalMs + latenessMs;
  const since = isLate ? nowMs : silentSinceMs;
  const action = nowMs - since >= silenceMs ? 'restart' : 'wait';
  return { pulse: { lookedAtMs: nowMs, silentSinceMs: since }, action };
}
