import type { EarlyStopping } from '../../../protocol/messages.ts';

/** The members of the settings that decide it, with what else changes them. */
export function earlyStoppingOf(
  settings: EarlyStopping,
  changes: Partial<EarlyStopping> = {},
): EarlyStopping {
  const { consensus, trialConfidence, steadyAnswers, confidencePruning } = { ...settings, ...changes };
  return { consensus, trialConfidence, steadyAnswers, confidencePruning };
}
