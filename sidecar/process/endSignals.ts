/** What asks a program to end in order. Windows raises its own two for Ctrl-Break and for a console that is closed. */
export function endSignals(platform: NodeJS.Platform): readonly NodeJS.Signals[] {
  return platform === 'win32' ? ['SIGINT', 'SIGTERM', 'SIGBREAK', 'SIGHUP'] : ['SIGINT', 'SIGTERM'];
}

/** The part of `process` that is needed for it. */
interface InterruptedProcess {
  readonly pid: number;
  kill(processId: number, signal: 'SIGINT'): unknown;
  /** Whether there was a handler. */
  emit(event: 'SIGINT', signal: 'SIGINT'): boolean;
}

/**
 * Interrupts a program by itself, as Ctrl-C does. On Windows a signal that a program sends itself ends it at once, with
 * no handler run, so its handlers are called instead.
 */
export function interruptSelf(self: InterruptedProcess, platform: NodeJS.Platform): void {
  if (platform !== 'win32') self.kill(self.pid, 'SIGINT');
  // Without a handler it ends, as it would by the signal.
  else if (!self.emit('SIGINT', 'SIGINT')) self.kill(self.pid, 'SIGINT');
}
