import type { SidecarSettings } from '../../protocol/messages.ts';
import { isServerModel } from '../../protocol/serverAddress.ts';
import { defaultSettings } from './sidecarSettings.ts';

/**
 * The model that this machine needs for questions: the one of the settings, or where that is a server's what answers while the server
 * is away: the model for completions where that is one of this machine, else the default one. Pure.
 */
export function localModelOf({
  model,
  completionModel,
}: Pick<SidecarSettings, 'model' | 'completionModel'>): string {
  if (!isServerModel(model)) return model;
  return completionModel === '' || isServerModel(completionModel) ? defaultSettings.model : completionModel;
}
