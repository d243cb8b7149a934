import type { Health } from '../../protocol/health.ts';

/** Whether a question asked now is answered. Until the engine has said how it is, it counts as well. */
export function takesQuestions(health: Health | null): boolean {
  return health === null || health.state === 'ready';
}
