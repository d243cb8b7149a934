import { assertNever } from '../../protocol/assertNever.ts';
import { CodedError } from '../../protocol/codedError.ts';
import type { Health } from '../../protocol/health.ts';
import type { LaunchProfile } from './restartPolicy.ts';

/** What the supervisor knows about the sidecar. `running` says that it answers; `health` says what it can do. */
export type EngineState =
  | { readonly type: 'launching'; readonly profile: LaunchProfile }
  | { readonly type: 'running'; readonly profile: LaunchProfile; readonly health: Health }
  | { readonly type: 'waiting'; readonly delayMs: number; readonly exit: string }
  | { readonly type: 'stopped'; readonly why: string };

/** The sidecar's own health while it answers; what its absence means for a user otherwise. Pure. */
export function healthOf(state: EngineState): Health {
  switch (state.type) {
    case 'launching':
    case 'waiting':
      return { state: 'starting' };
    case 'running':
      return state.health;
    case 'stopped':
      return { state: 'failed', error: stoppedError(state.why).toData() };
    default:
      return assertNever(state);
  }
}

/** What a request fails with while nothing will start the sidecar any more. */
export function stoppedError(why: string): CodedError {
  return new CodedError('sidecar.gone', why, 'Restart the engine, and open the log to see what it said.');
}
