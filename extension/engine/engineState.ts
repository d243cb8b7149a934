import { assertNever } from '../../protocol/assertNever.ts';
import { CodedError } from '../../protocol/codedError.ts';
import type { Health } from '../../protocol/health.ts';
import type { LaunchProfile } from './restartPolicy.ts';

/**
 * What the supervisor knows about the sidecar. `running` says that it answers; `health` says what it can do. `restartNote`
 * says why the one before was replaced, for some minutes after a crash.
 */
export type EngineState =
  | { readonly type: 'launching'; readonly profile: LaunchProfile; readonly restartNote: string | null }
  | {
      readonly type: 'running';
      readonly profile: LaunchProfile;
      /** As the sidecar says it. */
      readonly health: Health;
      readonly restartNote: string | null;
    }
  | { readonly type: 'waiting'; readonly delayMs: number; readonly exit: string }
  | { readonly type: 'stopped'; readonly why: string };

/** The sidecar's own health while it answers; what its absence means for a user otherwise. Pure. */
export function healthOf(state: EngineState): Health {
  switch (state.type) {
    case 'launching':
    case 'waiting':
      return { state: 'starting' };
    case 'running':
      return withNote(state.health, state.restartNote);
    case 'stopped':
      return { state: 'failed', error: stoppedError(state.why).toData() };
    default:
      return assertNever(state);
  }
}

/** Why it was restarted is part of every health that has words for it; the status bar shows it in the others too. */
function withNote(health: Health, note: string | null): Health {
  if (note === null) return health;
  switch (health.state) {
    case 'ready':
      return { ...health, notes: [...health.notes, note] };
    case 'failed':
    case 'noModel':
      return { ...health, error: { ...health.error, message: `${health.error.message} ${note}` } };
    case 'starting':
    case 'loading':
    case 'unloaded':
      return health;
    default:
      return assertNever(health);
  }
}

/** What a request fails with while nothing will start the sidecar any more. */
export function stoppedError(why: string): CodedError {
  return new CodedError('sidecar.gone', why, 'Restart the engine, and open the log to see what it said.');
}
