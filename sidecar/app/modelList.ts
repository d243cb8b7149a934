import path from 'node:path';
import { completionsHealth, type Health } from '../../protocol/health.ts';
import type { InstalledModel, ListedModel, ServingRole } from '../../protocol/messages.ts';

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

/** Models with what each does. `rolePaths` are the files that do each work; null for one that is not here. Pure. */
export function listedModels(
  models: readonly InstalledModel[],
  {
    rolePaths,
    health,
    speeds,
  }: {
    readonly rolePaths: Readonly<Record<ServingRole, string | null>>;
    readonly health: Health;
    readonly speeds: ModelSpeeds;
  },
): readonly ListedModel[] {
  return models.map((model) => {
    const answers = model.path !== null && model.path === rolePaths.questions;
    const completes = model.path !== null && model.path === rolePaths.completions;
    const state = answers ? health.state : completes ? completionsHealth(health).state : null;
    const roles: readonly ServingRole[] = [
      ...(answers ? (['questions'] as const) : []),
      ...(completes ? (['completions'] as const) : []),
    ];
    return { ...model, roles, state, tokensPerSecond: speeds.of(model) };
  });
}
