/** Messages between the main thread and its watchdog. */

/** Given to the watchdog when it starts. */
export interface WatchdogSettings {
  readonly firstParentId: number;
  readonly limits: WatchdogLimits;
}

export interface WatchdogLimits {
  /** Between two looks at the parent. */
  readonly lookMs: number;
  /** From the parent's end, or from when the process began to end, to its end by force. */
  readonly graceMs: number;
}

export type WatchdogOrder =
  | { readonly type: 'client/named'; readonly processId: number }
  /** The process is ending in order; it has the grace to do so. */
  | { readonly type: 'end/begun' };

/** From the watchdog: the parent has gone, and the grace has begun. */
export interface ParentGone {
  readonly type: 'parent/gone';
}
