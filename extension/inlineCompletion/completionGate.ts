import type { CompletionSettings } from '../config/editorSettings.ts';
import { isLanguageEnabled } from '../config/editorSettings.ts';
import type { QuietReason } from './quietReason.ts';

export interface GateInput {
  readonly settings: CompletionSettings;
  readonly languageId: string;
  readonly trigger: 'automatic' | 'invoked';
  readonly isSnoozed: boolean;
  readonly isEngineReady: boolean;
}

/**
 * Why a completion is not even asked for, or null to go ahead. A user who asks by command gets past every switch
 * that only quiets typing.
 */
export function gateCompletion(input: GateInput): QuietReason | null {
  if (input.trigger === 'automatic') {
    if (!input.settings.enabled) return 'disabledByUser';
    if (input.isSnoozed) return 'snoozed';
    if (!isLanguageEnabled(input.settings.languages, input.languageId)) return 'disabledForLanguage';
    if (input.settings.trigger === 'manual') return 'manualTrigger';
  }
  return input.isEngineReady ? null : 'engineNotReady';
}
