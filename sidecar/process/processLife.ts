import { readFileSync } from 'node:fs';
import { systemErrorCode } from './systemError.ts';

/** A process by its number and start, which no later process shares. */
export interface KnownProcess {
  readonly processId: number;
  /** When the process started, in the system's own count; null where the system does not say. */
  readonly startedAt: string | null;
}

/** When a process that runs now started; null where the system does not say. */
export function startOf(processId: number): string | null {
  return processState(processId)?.startedAt ?? null;
}

/** `unknown` where a process has that number, and the system does not say when it started. */
export function processLife({ processId, startedAt }: KnownProcess): 'running' | 'gone' | 'unknown' {
  try {
    process.kill(processId, 0);
  } catch (thrown) {
    // Any other error, such as `EPERM`, comes from a process that is there.
    if (systemErrorCode(thrown) === 'ESRCH') return 'gone';
  }
  const state = processState(processId);
  if (state === null || startedAt === null) return 'unknown';
  return state.hasEnded || state.startedAt !== startedAt ? 'gone' : 'running';
}

interface ProcessState {
  readonly startedAt: string;
  /** A zombie answers to its id until its parent asks for its exit code, which may be never. */
  readonly hasEnded: boolean;
}

/** Null where there is no `/proc`, and for a process that it does not show. */
function processState(processId: number): ProcessState | null {
  const text = statOf(processId);
  if (text === null) return null;
  // The second field is the program's name in parentheses, which may hold both spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state = ''] = fields;
  const startedAt = fields[19];
  return startedAt === undefined ? null : { startedAt, hasEnded: state === 'Z' || state === 'X' };
}

function statOf(processId: number): string | null {
  try {
    return readFileSync(`/proc/${processId}/stat`, 'utf8');
  } catch {
    // Another system than Linux, or one that shows less: what is not known is not relied on.
    return null;
  }
}
