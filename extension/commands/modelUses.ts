import type { SidecarSettings } from '../../protocol/messages.ts';
import { isServerModel } from '../../protocol/serverAddress.ts';

type ModelChoice = Pick<SidecarSettings, 'model' | 'completionModel'>;

/** A use of a model, and what the settings say once it is chosen for that. */
export interface ModelUse extends ModelChoice {
  readonly label: string;
  readonly detail: string;
}

/** What a model can be chosen for, beside what is chosen now. Pure. */
export function modelUses(chosen: string, { model, completionModel }: ModelChoice): readonly ModelUse[] {
  // A server's model writes completions only where it is named for them.
  const sharing = isServerModel(model) ? chosen : model;
  const completing = completionModel === '' ? sharing : completionModel;
  const beside = (own: ModelChoice): ModelChoice =>
    own.completionModel === own.model ? { ...own, completionModel: '' } : own;
  return [
    {
      label: 'Questions and completions',
      detail: 'One model is in memory.',
      model: chosen,
      completionModel: '',
    },
    {
      label: 'Questions',
      detail: `${completing} writes completions.`,
      ...beside({ model: chosen, completionModel: completing }),
    },
    {
      label: 'Completions',
      detail: `${model} answers questions.`,
      ...beside({ model, completionModel: chosen }),
    },
  ];
}
