import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import type { Guard } from './startGuard.ts';

export interface CommandStart {
  /** Whether the command itself was begun. */
  readonly isLetGo: boolean;
  /** Why its guard could not be started; the command was killed then. */
  readonly failure: string | null;
  dispose(): void;
}

/** Lets the shell go as soon as it runs and its guard does. */
export function commandStartOf(
  child: Pick<ChildProcess, 'kill'>,
  descriptor: unknown,
  begin: () => Promise<Guard | { readonly reason: string }> | null,
): CommandStart {
  let isLetGo = false;
  let failure: string | null = null;
  let isDisposed = false;
  let guard: Guard | null = null;
  const line = descriptor instanceof Socket ? descriptor : null;
  const letGo = async (): Promise<void> => {
    const started = await begin();
    if (started !== null && 'reason' in started) {
      failure = started.reason;
      child.kill('SIGKILL');
      return;
    }
    // The command may have been killed meanwhile.
    if (isDisposed) started?.dismiss();
    else guard = started;
    isLetGo = true;
    line?.write('go\n');
  };
  line?.on('error', () => undefined);
  // Where there is no such line, the command has begun.
  if (line === null) void letGo();
  else line.once('data', () => void letGo());
  return {
    get isLetGo() {
      return isLetGo;
    },
    get failure() {
      return failure;
    },
    dispose: () => {
      isDisposed = true;
      guard?.dismiss();
      line?.destroy();
    },
  };
}
