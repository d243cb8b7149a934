import type { SidecarSettings, StepSearchSettings } from '../../protocol/messages.ts';

/** How a search over steps is bounded: the members of the settings, with what a request changes of them. */
export function stepSearchOf(
  settings: SidecarSettings,
  changes: Partial<StepSearchSettings> = {},
): StepSearchSettings {
  const { stepChildren, maxSteps } = { ...settings, ...changes };
  return { stepChildren, maxSteps };
}
