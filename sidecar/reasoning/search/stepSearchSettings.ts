import type { StepSearchSettings } from '../../../protocol/messages.ts';

/** How a search over steps is bounded: the members of the settings, with what else changes them. */
export function stepSearchOf(
  settings: StepSearchSettings,
  changes: Partial<StepSearchSettings> = {},
): StepSearchSettings {
  const { stepChildren, maxSteps } = { ...settings, ...changes };
  return { stepChildren, maxSteps };
}
