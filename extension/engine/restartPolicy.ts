import type { SidecarSettings } from '../../protocol/messages.ts';
import { isServerModel } from '../../protocol/serverAddress.ts';

/** `safe` serves with less, so that what crashed the engine is less likely to do it again. */
export type LaunchProfile = 'normal' | 'safe';

export type RestartDecision =
  | { readonly type: 'restart'; readonly delayMs: number; readonly profile: LaunchProfile }
  | { readonly type: 'giveUp'; readonly crashCount: number };

/** So many crashes within the window end the restarts. */
export const crashBudget = { crashes: 4, windowMs: 3 * 60_000 };
const firstDelayMs = 250;
const delayFactor = 4;

/** Context of the safe profile at most, in tokens. */
export const safeContextTokens = 2048;

/**
 * What to do after a crash, from the times of all crashes so far, the last one included (milliseconds, any
 * origin). Waits 0.25 s, 1 s, 4 s, then gives up; crashes older than the window are forgotten.
 */
export function decideRestart(crashTimesMs: readonly number[], nowMs: number): RestartDecision {
  const recent = crashTimesMs.filter((timeMs) => nowMs - timeMs < crashBudget.windowMs).length;
  if (recent >= crashBudget.crashes) return { type: 'giveUp', crashCount: recent };
  const delayMs = firstDelayMs * delayFactor ** Math.max(0, recent - 1);
  return { type: 'restart', delayMs, profile: 'safe' };
}

/** The settings to launch with: the safe profile caps the context, drafts nothing and has one model for all. */
export function settingsForProfile(settings: SidecarSettings, profile: LaunchProfile): SidecarSettings {
  if (profile === 'normal') return settings;
  const wanted = settings.contextTokens === 0 ? safeContextTokens : settings.contextTokens;
  return {
    ...settings,
    contextTokens: Math.min(wanted, safeContextTokens),
    speculation: 'off',
    // A server's model takes no memory here.
    completionModel: isServerModel(settings.model) ? settings.completionModel : '',
    draftModel: '',
    fastModel: '',
  };
}
