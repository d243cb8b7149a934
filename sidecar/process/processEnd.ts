/** How a child process ended, as Node reports it. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * What an end means for the work of a process that ends itself only after an answer.
 * `killed`: by force, by the system or any program. `interrupted`: as a user or a system ends programs.
 */
export type EndMeaning = 'killed' | 'interrupted' | 'crashed';

/** Signals by which a user or a system ends programs, such as a terminal's interrupt to the whole group. */
const interruptions: readonly (NodeJS.Signals | null)[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/** Windows has no signals: it reports such an end as a code, of which these are not the program's own doing. */
const windowsInterruptions: readonly (number | null)[] = [
  // Ctrl-C, or the console was closed.
  0xc000013a,
  // The session ends.
  0x40010004,
];
/** What the task manager, `taskkill /F` and Node's `kill` of another process leave as its code. */
const windowsKilled = 1;

/** Names of the codes by which Windows reports a crash. */
const windowsCrashes: ReadonlyMap<number, string> = new Map([
  [0x80000003, 'breakpoint'],
  [0xc0000005, 'access violation'],
  [0xc0000017, 'no memory'],
  [0xc000001d, 'illegal instruction'],
  [0xc00000fd, 'stack overflow'],
  [0xc0000142, 'a library failed to start'],
  [0xc0000374, 'damaged heap'],
  [0xc0000409, 'abort'],
  [0xe0000008, 'no memory'],
]);
const firstWindowsCrash = 0x80000000;

/** Pure. */
export function meaningOfEnd({ code, signal }: ProcessEnd, platform: NodeJS.Platform): EndMeaning {
  if (interruptions.includes(signal)) return 'interrupted';
  if (signal === 'SIGKILL') return 'killed';
  if (platform !== 'win32' || signal !== null) return 'crashed';
  if (windowsInterruptions.includes(code)) return 'interrupted';
  return code === windowsKilled ? 'killed' : 'crashed';
}

/** The end of a sentence, such as `signal SIGSEGV`, or `exit code 0xC0000005 (access violation)` on Windows. Pure. */
export function endText({ code, signal }: ProcessEnd): string {
  if (signal !== null) return `signal ${signal}`;
  if (code === null) return 'exit code unknown';
  if (code < firstWindowsCrash) return `exit code ${code}`;
  const name = windowsCrashes.get(code);
  const hex = `exit code 0x${code.toString(16).toUpperCase()}`;
  return name === undefined ? hex : `${hex} (${name})`;
}

/**
 * How a process ends whose heap is full: Node aborts, the editor's own program traps, a system that runs out of memory
 * kills, and so does a process that watches itself.
 */
const fullHeapSignals: readonly (NodeJS.Signals | null)[] = ['SIGABRT', 'SIGTRAP', 'SIGILL', 'SIGKILL'];
const fullHeapCodes: readonly (number | null)[] = [134, 0xe0000008];
const windowsFullHeapCodes: readonly (number | null)[] = [
  windowsKilled,
  ...[0x80000003, 0xc0000017, 0xc000001d, 0xc0000409],
];

/** Whether a process that was at work ended as one does that needs more memory than it may have. Pure. */
export function isFullHeap({ code, signal }: ProcessEnd, platform: NodeJS.Platform): boolean {
  if (fullHeapSignals.includes(signal) || fullHeapCodes.includes(code)) return true;
  return platform === 'win32' && windowsFullHeapCodes.includes(code);
}
