import type { Health } from '../../protocol/health.ts';
import type { LaunchProfile } from './restartPolicy.ts';

/** What the supervisor knows about the sidecar. `running` says that it answers; `health` says what it can do. */
export type EngineState =
  | { readonly type: 'launching'; readonly profile: LaunchProfile }
  | { readonly type: 'running'; readonly profile: LaunchProfile; readonly health: Health }
  | { readonly type: 'waiting'; readonly delayMs: number; readonly exit: string }
  | { readonly type: 'stopped'; readonly why: string };
