import type { Health, ModelHealth } from '../../protocol/health.ts';
import { modelHealthText, questionsText } from '../../protocol/healthWords.ts';

/** Tokens a second of the last request of each role; null where none was measured on the model that has it now. */
export interface RoleSpeeds {
  readonly questions: number | null;
  readonly completions: number | null;
}

export const noSpeeds: RoleSpeeds = { questions: null, completions: null };

/** One line for a model. */
export interface ModelRow {
  readonly role: string;
  /** Name, state and speed. */
  readonly text: string;
}

/** Each model of this window with its role, its state and its speed: one row where one model has both roles. Pure. */
export function modelRows(health: Health, { questions, completions }: RoleSpeeds): readonly ModelRow[] {
  if (health.completions === undefined)
    return [{ role: 'Questions and completions', text: questionsText(health, completions ?? questions) }];
  return [
    { role: 'Questions', text: questionsText(health, questions) },
    { role: 'Completions', text: modelHealthText(health.completions, completions) },
  ];
}

/** The speeds that are still true of the models that serve now. Pure. */
export function speedsAfter(speeds: RoleSpeeds, before: Health, now: Health): RoleSpeeds {
  return {
    questions: nameOf(before) === nameOf(now) ? speeds.questions : null,
    completions:
      nameOf(before.completions ?? before) === nameOf(now.completions ?? now) ? speeds.completions : null,
  };
}

function nameOf(health: ModelHealth): string | null {
  return 'modelName' in health ? health.modelName : null;
}
