import type { Health } from '../../protocol/health.ts';

/** Whether a question asked now is answered. Until the engine has told how it is, it is taken to be well. */
export function takesQuestions(health: Health | null): boolean {
  return health === null || health.state === 'ready';
}
