import path from 'node:path';
import { completionsHealth, type Health } from '../../protocol/health.ts';
import type { InstalledModel, ListedModel, ServingRole } from '../../protocol/messages.ts';
import { type JudgedModel, type ModelAdvice, outlookOf } from '../models/modelAdvice.ts';

/** Decode speed of the last request on each model, by name, in tokens a second. */
export class ModelSpeeds {
  readonly #byName = new Map<string, number>();

  note(model: string | null, tokensPerSecond: number | null): void {
    if (model !== null && tokensPerSecond !== null) this.#byName.set(model, tokensPerSecond);
  }

  /** Null where nothing was measured. Models whose file was never hashed go by the name of that. */
  of(model: { readonly name: string; readonly path: string | null }): number | null {
    const byFile = model.path === null ? undefined : this.#byName.get(path.basename(model.path));
    return this.#byName.get(model.name) ?? byFile ?? null;
  }
}

export interface ListFacts {
  /** The files that do each work; null for one that is not here. */
  readonly rolePaths: Readonly<Record<ServingRole, string | null>>;
  readonly health: Health;
  readonly speeds: ModelSpeeds;
  /** In the order of the models. */
  readonly judged: readonly JudgedModel[];
  readonly advice: Pick<ModelAdvice, ServingRole>;
  /** What models may take of this machine's memory. */
  readonly memoryBytes: number;
}

/** Models with what each does, and what it is like on this machine. Pure. */
export function listedModels(
  models: readonly InstalledModel[],
  { rolePaths, health, speeds, judged, advice, memoryBytes }: ListFacts,
): readonly ListedModel[] {
  return models.map((model, index) => {
    const answers = model.path !== null && model.path === rolePaths.questions;
    const completes = model.path !== null && model.path === rolePaths.completions;
    const state = answers ? health.state : completes ? completionsHealth(health).state : null;
    return {
      ...model,
      roles: rolesWhere({ questions: answers, completions: completes }),
      state,
      tokensPerSecond: speeds.of(model),
      outlook: outlookOf(judged[index] ?? null, memoryBytes),
      recommendedFor: rolesWhere({
        questions: advice.questions === model.name,
        completions: advice.completions === model.name,
      }),
    };
  });
}

function rolesWhere(has: Readonly<Record<ServingRole, boolean>>): readonly ServingRole[] {
  const roles: readonly ServingRole[] = ['questions', 'completions'];
  return roles.filter((role) => has[role]);
}
