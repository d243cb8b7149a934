import { answersQuestions, type Health } from '../../protocol/health.ts';

/** Whether a question asked now is answered, be it by a model that is loaded for it. Until the engine has said how it is, it counts as well. */
export function takesQuestions(health: Health | null): boolean {
  return health === null || answersQuestions(health);
}
