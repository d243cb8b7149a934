import type { Health } from '../../protocol/health.ts';
import type { ServingRole, SidecarSettings } from '../../protocol/messages.ts';
import type { ModelFile, ModelStore } from '../models/modelStore.ts';

/** The files that do each work; null for one that is not here. */
export async function roleFiles(
  models: Pick<ModelStore, 'resolve'>,
  { model, completionModel }: Pick<SidecarSettings, 'model' | 'completionModel'>,
  health: Health,
): Promise<Readonly<Record<ServingRole, ModelFile | null>>> {
  const questions = await models.resolve(model).catch(() => null);
  // Where completions have no model of their own the one for questions writes them, whatever was chosen.
  if (health.completions === undefined) return { questions, completions: questions };
  return { questions, completions: await models.resolve(completionModel).catch(() => null) };
}
